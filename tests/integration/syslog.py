#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Logs to the syslog servers of the distribution, over all transports and in all formats.

usage: syslog.py PROGRAM FOLDER

Two servers cannot be installed at once: syslog-ng is that of the folder, into which its package was unpacked.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import unittest

from processes import Folder, environment, run, wait_until

PROGRAM = os.path.abspath(sys.argv.pop(1))
SERVERS = pathlib.Path(sys.argv.pop(1))
RSYSLOGD = shutil.which('rsyslogd', path='/usr/sbin:/sbin')
SYSLOG_NG = SERVERS / 'usr/sbin/syslog-ng'
FORMATS = ['5', '3', 'm']
HARD = 'a"b\\c]d é'
N_RECORDS = 2000
N_DATAGRAMS = 100  # of UDP, which fit into the buffer of a socket
N_RESTART = 20000


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as found:
        found.bind(('127.0.0.1', 0))
        return found.getsockname()[1]


class Server:
    """A syslog server; subclasses say how it is configured."""

    def __init__(self, folder):
        self.folder = folder
        self.output = folder / 'output'
        self.output.touch()
        self.tcp = free_port(socket.SOCK_STREAM)
        self.tls = free_port(socket.SOCK_STREAM)
        self.udp = free_port(socket.SOCK_DGRAM)
        self.datagram = folder / 'datagram.sock'
        self.stream = folder / 'stream.sock'
        self.process = None

    def start(self):
        configuration = self.folder / 'server.conf'
        configuration.write_text(self.configuration())
        log = open(self.folder / 'server.log', 'a')
        self.process = subprocess.Popen(self.command(configuration), env=environment(),
                                        stdout=subprocess.DEVNULL, stderr=log)
        log.close()
        try:
            wait_until(self.is_listening)
        except TimeoutError:
            raise RuntimeError((self.folder / 'server.log').read_text())

    def is_listening(self):
        if self.process.poll() is not None:
            raise RuntimeError((self.folder / 'server.log').read_text())
        try:
            socket.create_connection(('127.0.0.1', self.tcp)).close()
            socket.create_connection(('127.0.0.1', self.tls)).close()
            return self.datagram.exists()
        except ConnectionRefusedError:
            return False

    def stop(self, number=signal.SIGTERM):
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()
        self.process = None
        for path in self.datagram, self.stream:
            path.unlink(missing_ok=True)

    def read(self):
        """What has arrived, one dictionary a record; the last one may be only half written."""
        return [json.loads(line) for line in self.output.read_text().split('\n')[:-1]]

    def has(self, text):
        return text.encode() in self.output.read_bytes()


class Rsyslog(Server):

    transports = ['tcp', 'udp', 'tls', 'unix-sendto']

    def command(self, configuration):
        return [RSYSLOGD, '-n', '-f', configuration, '-i', self.folder / 'server.pid']

    def configuration(self):
        return f'''
global(workDirectory="{self.folder}" maxMessageSize="2m" parser.escapeControlCharactersOnReceive="on"
       defaultNetstreamDriverCAFile="{self.folder}/ca.pem" defaultNetstreamDriverCertFile="{self.folder}/server.pem"
       defaultNetstreamDriverKeyFile="{self.folder}/server.key")
main_queue(queue.type="Direct")
module(load="imudp") module(load="imtcp") module(load="imuxsock" SysSock.Use="off") module(load="mmpstrucdata")
template(name="record" type="list" option.jsonf="on") {{
  property(outname="message" name="msg" format="jsonf")
  property(outname="facility" name="syslogfacility-text" format="jsonf")
  property(outname="severity" name="syslogseverity-text" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="process" name="procid" format="jsonf")
  property(outname="id" name="msgid" format="jsonf")
  property(outname="data" name="$!rfc5424-sd" format="jsonf")
}}
input(type="imudp" address="127.0.0.1" port="{self.udp}" rcvbufSize="4m")
input(type="imtcp" address="127.0.0.1" port="{self.tcp}")
input(type="imtcp" address="127.0.0.1" port="{self.tls}" streamDriver.name="gtls" streamDriver.mode="1"
      streamDriver.authMode="anon")
input(type="imuxsock" socket="{self.datagram}" useSysTimeStamp="off" parseHostname="off" useSpecialParser="off"
      rateLimit.interval="0")
action(type="mmpstrucdata")
action(type="omfile" file="{self.output}" template="record" flushOnTXEnd="on" asyncWriting="off")
'''

    @staticmethod
    def data(record):
        data = record['data']
        return json.loads(data)['sd'] if isinstance(data, str) else data['sd']


class SyslogNg(Server):

    transports = ['tcp', 'udp', 'tls', 'unix-sendto', 'unix-connect']

    def __init__(self, folder, is_new):
        super().__init__(folder)
        self.is_new = is_new

    def command(self, configuration):
        libraries = SERVERS / 'usr/lib/syslog-ng'
        return ['env', f'LD_LIBRARY_PATH={libraries}', SYSLOG_NG, '-F', '--no-caps',
                '-f', configuration, '-R', self.folder / 'persist', '-p', self.folder / 'server.pid',
                '-c', self.folder / 'control', f'--module-path={next(libraries.glob("*.*/"))}']

    def configuration(self):
        driver = 'syslog' if self.is_new else 'network'
        flags = 'flags(syslog-protocol)' if self.is_new else ''
        keys = f'key-file("{self.folder}/server.key") cert-file("{self.folder}/server.pem")'
        return f'''@version: 3.38
options {{ keep-hostname(yes); use-dns(no); stats-freq(0); log-msg-size(2097152); flush-lines(1); }};
source all {{
  {driver}(transport("tcp") ip("127.0.0.1") port({self.tcp}));
  {driver}(transport("udp") ip("127.0.0.1") port({self.udp}) so-rcvbuf(4194304));
  {driver}(transport("tls") ip("127.0.0.1") port({self.tls}) tls({keys} peer-verify(optional-untrusted)));
  unix-dgram("{self.datagram}" {flags});
  unix-stream("{self.stream}" {flags});
}};
destination file {{ file("{self.output}" template("$(format-json message=$MESSAGE facility=$FACILITY severity=$LEVEL
  host=$HOST app=$PROGRAM process=$PID id=$MSGID --key .SDATA.*)\\n")); }};
log {{ source(all); destination(file); flags(flow-control); }};
'''

    @staticmethod
    def data(record):
        return record['_SDATA']['sd']


class SyslogCase(unittest.TestCase):

    def setUp(self):
        self.folder = self.enterContext(Folder())
        self.make_certificates()

    def make_certificates(self):
        def openssl(*arguments):
            outcome = run('openssl', *arguments, cwd=self.folder.path)
            self.assertEqual(outcome.returncode, 0, outcome.stderr)

        openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=Test CA',
                '-keyout', 'ca.key', '-out', 'ca.pem')
        openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-addext',
                'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', 'server.key', '-out', 'server.csr')
        openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial',
                '-days', '2', '-copy_extensions', 'copyall', '-out', 'server.pem')

    def address(self, transport):
        server = self.server
        return {
            'tcp': f'tcp://127.0.0.1:{server.tcp}/',
            'udp': f'udp://127.0.0.1:{server.udp}/',
            'tls': f'tls://127.0.0.1:{server.tls}/',
            'unix-sendto': f'unix-sendto://{server.datagram}',
            'unix-connect': f'unix-connect://{server.stream}',
        }[transport]

    def start_program(self, transport, style, records, pause=0, framing='auto'):
        configuration = self.folder.configure(f'''
[logging]
app_name = sender
[logging:syslog]
address = {self.address(transport)}
format = {style}
framing = {framing}
ca_file = {self.folder / 'ca.pem'}
[test]
records = {records}
pause = {pause}
''')
        return subprocess.Popen([PROGRAM, '-s', '-c', configuration], env=environment(), text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def end_program(self, program):
        program.communicate('\n', timeout=60)
        self.assertEqual(program.returncode, 0)

    def check_record(self, record, number, style, transport):
        message = f'record {number} end'
        fields = {name: record.get(name) for name in ('facility', 'severity', 'app')}
        self.assertEqual(fields, {'facility': 'local0', 'severity': 'notice', 'app': 'sender'})
        if style == '5':
            self.assertEqual(record['message'].lstrip(), message)
            self.assertEqual(self.server.data(record), {'number': str(number), 'hard': HARD})
        else:
            hard = HARD.replace('\\', '\\\\').replace('"', '\\"').replace(']', '\\]')
            self.assertEqual(record['message'].lstrip(),
                             f'NOTICE root [sd number="{number}" hard="{hard}"] {message}')
        if style != 'm' and not transport.startswith('unix-'):
            self.assertEqual(record['host'], socket.gethostname())

    def records(self):
        """What came of the program's records, with their numbers."""
        for record in self.server.read():
            if found := re.search(r'record (\d+) end$', record['message']):
                yield int(found[1]), record

    def check_delivery(self, transport, style):
        n = N_DATAGRAMS if transport == 'udp' else N_RECORDS
        program = self.start_program(transport, style, n, framing=self.framing(transport, style))
        self.end_program(program)
        wait_until(lambda: self.server.has(f'record {n - 1} end'))
        records = list(self.records())
        self.assertEqual([number for number, _ in records], list(range(n)))
        for number, record in records:
            self.check_record(record, number, style, transport)

    def framing(self, transport, style):
        return 'auto'

    def deliver_all(self, make_server):
        for style in FORMATS:
            for transport in make_server(style).transports:
                with self.subTest(style=style, transport=transport):
                    self.server = make_server(style)
                    self.server.output.write_text('')
                    self.server.start()
                    try:
                        self.check_delivery(transport, style)
                    finally:
                        self.server.stop()

    def restart(self, transport, number):
        """The server goes in the middle and comes back; each record is there in the end, at first in order."""
        self.server.start()
        program = self.start_program(transport, '5', N_RESTART, pause=0.01, framing=self.framing(transport, '5'))
        try:
            wait_until(lambda: self.server.has('record 3000 end'))
            self.server.stop(number)
            self.assertFalse(self.server.has(f'record {N_RESTART - 1} end'))
            self.drop_half_line()
            self.server.start()
            wait_until(lambda: self.server.has(f'record {N_RESTART - 1} end'))
        finally:
            self.end_program(program)
            self.server.stop()
        numbers = [number for number, _ in self.records()]
        self.assertEqual(list(dict.fromkeys(numbers)), list(range(N_RESTART)))

    def drop_half_line(self):
        text = self.server.output.read_text()
        self.server.output.write_text(text[:text.rfind('\n') + 1])


@unittest.skipUnless(RSYSLOGD, 'there is no rsyslog')
class RsyslogCase(SyslogCase):

    def test_delivery(self):
        self.deliver_all(lambda style: Rsyslog(self.folder.path))

    def test_killed(self):
        for transport in 'tcp', 'tls', 'unix-sendto':
            with self.subTest(transport=transport):
                self.server = Rsyslog(self.folder.path)
                self.server.output.write_text('')
                self.restart(transport, signal.SIGKILL)

    def test_restarted(self):
        self.server = Rsyslog(self.folder.path)
        self.restart('tcp', signal.SIGTERM)


@unittest.skipUnless(SYSLOG_NG.exists(), 'there is no syslog-ng')
class SyslogNgCase(SyslogCase):

    def framing(self, transport, style):
        """For the old formats, its driver takes lines only, also over TLS."""
        return 'auto' if style == '5' else 'lf'

    def test_delivery(self):
        self.deliver_all(lambda style: SyslogNg(self.folder.path, style == '5'))

    def test_killed(self):
        for transport in 'tcp', 'unix-connect':
            with self.subTest(transport=transport):
                self.server = SyslogNg(self.folder.path, True)
                self.server.output.write_text('')
                self.restart(transport, signal.SIGKILL)


if __name__ == '__main__':
    unittest.main(verbosity=2)
