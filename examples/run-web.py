#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs an example that is a web server, compares what it answers, and ends it as Ctrl-C does.

usage: run-web.py EXPECTED-ANSWER PATH COMMAND [ARGUMENT...]
"""

import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request

expected = pathlib.Path(sys.argv[1]).read_text(encoding='utf-8')
path, command = sys.argv[2], sys.argv[3:]

with tempfile.NamedTemporaryFile('w', suffix='.conf') as config:
    config.write('[web]\nlisten = 127.0.0.1 0\n')
    config.flush()
    with subprocess.Popen([*command, '-c', config.name], stderr=subprocess.PIPE, encoding='utf-8') as server:
        log = []
        address = None
        for line in server.stderr:
            log.append(line)
            if address := re.search(r'Listening at (http://\S+)', line):
                break
        if address is None:
            sys.exit('does not listen:\n' + ''.join(log))

        with urllib.request.urlopen(address.group(1) + path, timeout=20) as answer:
            text = answer.read().decode()
        server.send_signal(signal.SIGINT)
        _, rest = server.communicate(timeout=20)

sys.stderr.write(''.join(log) + rest)
if text != expected:
    sys.exit(f'expected:\n{expected}\nanswered:\n{text}')
if server.returncode != 0:
    sys.exit(f'ended with status {server.returncode}')
