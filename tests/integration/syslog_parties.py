# SPDX-License-Identifier: LGPL-2.1-or-later
"""The two parties of a test of syslog: a program that logs, and the servers of the distribution.

The servers take the records apart by themselves, and write what they found in each as a line of JSON.

A test gets as its arguments the program, and the folder where the packages are unpacked that cannot be installed.
"""

import datetime
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys

from processes import TIMEOUT, environment, run, wait_until

PROGRAM = os.path.abspath(sys.argv.pop(1))
PACKAGES = pathlib.Path(sys.argv.pop(1))


class Port:
    """A port that stays the server's, also while the server is away.

    It is bound here as well, but for TCP nobody listens, and for UDP nothing but what port 1 sends would arrive here.
    """

    def __init__(self, kind):
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.bind(('127.0.0.1', 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # not earlier: the port is not for everybody
        self.number = self.socket.getsockname()[1]
        if kind == socket.SOCK_DGRAM:
            self.socket.connect(('127.0.0.1', 1))


class Certificates:
    """An authority, and what it and another one have signed; all of it files in a folder."""

    def __init__(self, folder):
        self.folder = folder
        for authority in 'ca', 'other-ca':
            self.openssl('req', '-x509', *self.new_key(authority), '-days', '2', '-subj', f'/CN={authority}',
                         '-out', f'{authority}.pem')
        self.sign('server', 'DNS:localhost,IP:127.0.0.1')
        self.sign('stranger', 'DNS:example.com')
        self.sign('client', 'DNS:client')

    def sign(self, name, names):
        self.openssl('req', *self.new_key(name), '-subj', f'/CN={name}', '-addext', f'subjectAltName={names}',
                     '-out', f'{name}.csr')
        self.openssl('x509', '-req', '-in', f'{name}.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial',
                     '-days', '2', '-copy_extensions', 'copyall', '-out', f'{name}.pem')

    @staticmethod
    def new_key(name):
        return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', f'{name}.key']

    def openssl(self, *arguments):
        outcome = run('openssl', *arguments, cwd=self.folder)
        if outcome.returncode != 0:
            raise RuntimeError(outcome.stderr)


class Server:
    """A syslog server; subclasses say how it is configured."""

    ports = {}  # names of its ports, and their kinds
    package = None

    def __init__(self, folder, certificate='server'):
        self.folder = folder
        self.certificate = certificate
        self.output = folder / 'output'
        self.output.touch()
        self.log = folder / 'server.log'
        self.log.touch()
        self.reserved = {name: Port(kind) for name, kind in self.ports.items()}
        self.datagram = folder / 'datagram.sock'
        self.stream = folder / 'stream.sock'
        self.process = None
        self.n_read = 0
        self.records = []

    def port(self, name):
        return self.reserved[name].number

    def start(self):
        if not self.find():
            raise RuntimeError(f'There is no {self.package}: install that package of Debian, or run “./dev test”')
        configuration = self.folder / 'server.conf'
        configuration.write_text(self.configuration())
        with open(self.log, 'a', encoding='utf-8') as log:
            self.process = subprocess.Popen(self.command(configuration), env=environment(),
                                            stdout=subprocess.DEVNULL, stderr=log)
        try:
            wait_until(self.is_listening)
        except TimeoutError:
            raise RuntimeError(self.log.read_text()) from None

    def is_listening(self):
        if self.process.poll() is not None:
            raise RuntimeError(self.log.read_text())
        try:
            for name, kind in self.ports.items():
                if kind == socket.SOCK_STREAM:
                    socket.create_connection(('127.0.0.1', self.port(name))).close()
        except ConnectionRefusedError:
            return False
        return self.datagram.exists() and self.stream.exists()

    def stop(self, number=signal.SIGTERM):
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()
        self.process = None
        for path in self.datagram, self.stream:
            path.unlink(missing_ok=True)

    def close(self):
        self.stop(signal.SIGKILL)
        for port in self.reserved.values():
            port.socket.close()

    def read(self):
        """What has arrived, one dictionary a record."""
        with open(self.output, 'rb') as output:
            output.seek(self.n_read)
            lines, end, _ = output.read().rpartition(b'\n')
        self.n_read += len(lines + end)
        self.records += [json.loads(line) for line in lines.split(b'\n') if line]
        return self.records

    def drop_half_line(self):
        """What a server that was killed had not yet written."""
        text = self.output.read_bytes()
        self.output.write_bytes(text[:text.rfind(b'\n') + 1])

    def of(self, app):
        """What has arrived from a program."""
        return [record for record in self.read() if record['app'] == app]

    def wait_for(self, app, text, timeout=TIMEOUT):
        n_seen = 0

        def has_come():
            nonlocal n_seen
            news = self.read()[n_seen:]
            n_seen += len(news)
            return any(record['app'] == app and text in record['message'] for record in news)
        wait_until(has_come, timeout)


class Rsyslog(Server):

    package = 'rsyslog'
    ports = {'tcp': socket.SOCK_STREAM, 'udp': socket.SOCK_DGRAM, 'tls': socket.SOCK_STREAM,
             'tls-client': socket.SOCK_STREAM}
    program = shutil.which('rsyslogd', path='/usr/sbin:/sbin')

    def find(self):
        modules = list(pathlib.Path('/usr/lib').glob('*/rsyslog/lmnsd_gtls.so'))
        if self.program and not modules:
            self.package = 'rsyslog-gnutls'
        return self.program and modules

    def address(self, transport, _style):
        return {
            'unix-sendto': f'unix-sendto://{self.datagram}',
            'unix-connect': f'unix-connect://{self.stream}',
            'path': str(self.datagram),
        }.get(transport) or f'{transport.partition("-")[0]}://localhost:{self.port(transport)}/'

    @staticmethod
    def framing(_transport, _style):
        return 'auto'

    def command(self, configuration):
        return [self.program, '-n', '-f', configuration, '-i', self.folder / 'server.pid']

    def configuration(self):
        return f'''
global(workDirectory="{self.folder}" maxMessageSize="8m" parser.escapeControlCharactersOnReceive="off"
       parser.dropTrailingLFOnReception="off" defaultNetstreamDriverCAFile="{self.folder}/ca.pem"
       defaultNetstreamDriverCertFile="{self.folder}/{self.certificate}.pem"
       defaultNetstreamDriverKeyFile="{self.folder}/{self.certificate}.key")
main_queue(queue.type="Direct")
module(load="imudp") module(load="imtcp" maxFrameSize="8000000") module(load="imptcp")
module(load="imuxsock" SysSock.Use="off") module(load="mmpstrucdata")
template(name="record" type="list" option.jsonf="on") {{
  property(outname="message" name="msg" format="jsonf")
  property(outname="facility" name="syslogfacility-text" format="jsonf")
  property(outname="severity" name="syslogseverity-text" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" date.inUTC="on" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="process" name="procid" format="jsonf")
  property(outname="id" name="msgid" format="jsonf")
  property(outname="data" name="$!rfc5424-sd" format="jsonf")
}}
input(type="imudp" address="127.0.0.1" port="{self.port('udp')}" rcvbufSize="4m")
input(type="imtcp" address="127.0.0.1" port="{self.port('tcp')}")
input(type="imtcp" address="127.0.0.1" port="{self.port('tls')}" streamDriver.name="gtls" streamDriver.mode="1"
      streamDriver.authMode="anon")
input(type="imtcp" address="127.0.0.1" port="{self.port('tls-client')}" streamDriver.name="gtls"
      streamDriver.mode="1" streamDriver.authMode="x509/certvalid")
input(type="imptcp" path="{self.stream}" maxFrameSize="8000000")
input(type="imuxsock" socket="{self.datagram}" useSysTimeStamp="off" ignoreTimestamp="off" parseHostname="off"
      useSpecialParser="off" rateLimit.interval="0")
action(type="mmpstrucdata")
action(type="omfile" file="{self.output}" template="record" flushOnTXEnd="on" asyncWriting="off")
'''

    @staticmethod
    def data(record):
        return json.loads(record['data']) if isinstance(record['data'], str) else record['data']


class SyslogNg(Server):

    package = 'syslog-ng-core'
    ports = {'tcp': socket.SOCK_STREAM, 'udp': socket.SOCK_DGRAM, 'tls': socket.SOCK_STREAM,
             'tls-client': socket.SOCK_STREAM, 'old-tcp': socket.SOCK_STREAM, 'old-udp': socket.SOCK_DGRAM,
             'old-tls': socket.SOCK_STREAM}
    program = PACKAGES / 'usr/sbin/syslog-ng'  # two servers cannot be installed at once

    def find(self):
        return self.program.exists()

    def address(self, transport, style):
        old = '' if style == '5' else 'old-'
        return {
            'unix-sendto': f'unix-sendto://{self.folder}/{old}datagram.sock',
            'unix-connect': f'unix-connect://{self.folder}/{old}stream.sock',
            'path': f'{self.folder}/{old}datagram.sock',
        }.get(transport) or f'{transport.partition("-")[0]}://localhost:{self.port(old + transport)}/'

    @staticmethod
    def framing(transport, style):
        """Its driver for the old formats takes lines only, also over TLS."""
        return 'lf' if style != '5' and transport == 'tls' else 'auto'

    def command(self, configuration):
        libraries = PACKAGES / 'usr/lib/syslog-ng'
        return ['env', f'LD_LIBRARY_PATH={libraries}', self.program, '-F', '--no-caps',
                '-f', configuration, '-R', self.folder / 'persist', '-p', self.folder / 'server.pid',
                '-c', self.folder / 'control', f'--module-path={next(libraries.glob("*.*/"))}']

    def configuration(self):
        keys = f'key-file("{self.folder}/{self.certificate}.key") cert-file("{self.folder}/{self.certificate}.pem")'
        limits = 'ip("127.0.0.1") log-iw-size(1000)'
        return f'''@version: 3.38
options {{ keep-hostname(yes); use-dns(no); stats-freq(0); log-msg-size(8388608); flush-lines(1); frac-digits(6); }};
source all {{
  syslog(transport("tcp") port({self.port('tcp')}) {limits});
  syslog(transport("udp") port({self.port('udp')}) so-rcvbuf(4194304) {limits});
  syslog(transport("tls") port({self.port('tls')}) tls({keys} peer-verify(optional-untrusted)) {limits});
  syslog(transport("tls") port({self.port('tls-client')}) {limits}
         tls({keys} ca-file("{self.folder}/ca.pem") peer-verify(required-trusted)));
  unix-dgram("{self.datagram}" flags(syslog-protocol));
  unix-stream("{self.stream}" flags(syslog-protocol));
  network(transport("tcp") port({self.port('old-tcp')}) {limits});
  network(transport("udp") port({self.port('old-udp')}) so-rcvbuf(4194304) {limits});
  network(transport("tls") port({self.port('old-tls')}) tls({keys} peer-verify(optional-untrusted)) {limits});
  unix-dgram("{self.folder}/old-datagram.sock");
  unix-stream("{self.folder}/old-stream.sock");
}};
destination file {{ file("{self.output}" template("$(format-json message=$MESSAGE facility=$FACILITY severity=$LEVEL
  time=$S_ISODATE host=$HOST app=$PROGRAM process=$PID id=$MSGID --key .SDATA.*)\\n") time-zone("UTC")); }};
log {{ source(all); destination(file); flags(flow-control); }};
'''

    @staticmethod
    def data(record):
        return record['_SDATA']


class Sender:
    """The program that logs."""

    def __init__(self, folder, server, transport, style='5', app='sender', options='', ca='ca', test='',
                 arguments=('-s',)):
        folder.configure(f'''
[logging]
app_name = {app}
[logging:syslog]
address = {server.address(transport, style)}
format = {style}
framing = {server.framing(transport, style)}
cafile = {server.folder}/{ca}.pem
{options}
[test]
{test}
''')
        self.app = app
        self.began = datetime.datetime.now(datetime.timezone.utc)
        self.console = folder / 'console'
        with open(self.console, 'wb') as console:
            self.process = subprocess.Popen([PROGRAM, '-c', folder / 'test.conf', *arguments],
                                            env=environment(), text=True, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=console)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()

    def wait_until_done(self):
        """Returns how long the longest call to log took, in microseconds."""
        longest = self.process.stdout.readline()
        assert self.process.stdout.readline() == 'done\n'
        return int(longest.split()[2])

    def memory(self):
        """The most that it has ever used, in KiB."""
        status = pathlib.Path(f'/proc/{self.process.pid}/status').read_text()
        return int(re.search(r'^VmHWM:\s+(\d+) kB$', status, re.MULTILINE)[1])

    def end(self):
        """Returns what has come to the console."""
        self.process.communicate(timeout=60)
        text = self.console.read_text()
        if self.process.returncode != 0:
            raise RuntimeError(text)
        return text
