#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the lab gateway with analysers and browsers of all kinds.

usage: lab-gateway.py PROGRAM ANALYSER FOLDER
"""

import pathlib
import re
import signal
import socket
import ssl
import sys
import threading
import time
import unittest

from lab_gateway import ACK, ENQ, EOT, ETB, NAK, STX, Gateway, message
from processes import TIMEOUT, Folder, run, unshare, wait_until

PROGRAM, ANALYSER, FOLDER = sys.argv.pop(1), sys.argv.pop(1), pathlib.Path(sys.argv.pop(1))
ALL_ACK = ACK * 6  # the enquiry and five frames


class GatewayCase(unittest.TestCase):

    CONFIGURATION = ''

    def start(self, configuration='', **options):
        return self.enterContext(Gateway(PROGRAM, configuration, **options))

    def setUp(self):
        self.gateway = self.start(self.CONFIGURATION)

    def connect(self):
        return self.enterContext(self.gateway.connect())

    def send(self, *records):
        """Sends a message over a connection of its own, returns the replies."""
        with self.gateway.connect() as instrument:
            return instrument.send_records(*records)

    def simulate(self, *arguments):
        return run(ANALYSER, '--gateway', self.gateway.gateway, *arguments)


class Pages(GatewayCase):

    def test_page(self):
        status, page = self.gateway.ask('/', accept='text/html')
        self.assertEqual(status, 200)
        self.assertIn('<title>Lab gateway</title>', page)
        self.assertNotRegex(page, r'(?:src|href)="(?:https?:)?//', 'it takes nothing from elsewhere')
        paths = set(re.findall(r'<a href="(/[^"]*)"', page))
        self.assertIn('/api/results?limit=20', paths)
        for path in paths:
            self.assertEqual(self.gateway.ask(path)[0], 200, path)

    def test_names_of_page(self):
        """What the page shows of the status and of a result is there."""
        _, page = self.gateway.ask('/', accept='text/html')
        status = self.gateway.status()
        for name in re.findall(r'class="number" id="(\w+)"', page):
            self.assertEqual(status[name], 0, name)
        self.send(*message('A-1'))
        for kind, item in (('result', self.gateway.results()[0]),
                           ('analyser', self.gateway.ask('/api/analysers')[1][0])):
            names = set(re.findall(rf'\b{kind}\.(\w+)', page))
            self.assertTrue(names and names <= set(item), names - set(item))

    def test_health(self):
        self.assertEqual(self.gateway.ask('/health'), (200, 'OK\n'))
        self.assertEqual(self.gateway.ask('/nowhere')[0], 404)


class Results(GatewayCase):

    def test_result(self):
        instrument = self.connect()
        self.assertEqual(instrument.send_records(*message('A-1', '6.1', flags='H')), ALL_ACK)
        result, = self.gateway.results()
        received = result.pop('received')
        self.assertRegex(received, r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*Z$')
        self.assertEqual(result, {
            'id': 1, 'analyser': 'hand', 'patient': 'P-7', 'specimen': 'A-1', 'test': 'GLU', 'value': '6.1',
            'units': 'mmol/L', 'range': '3.9-5.6', 'flags': 'H', 'status': 'F', 'completed': '20260301101500'})
        analyser, = self.gateway.ask('/api/analysers')[1]
        self.assertEqual((analyser['name'], analyser['connected'], analyser['messages'], analyser['queries']),
                         ('hand', True, 1, 0))
        self.assertEqual(self.gateway.status()['results'], 1)

    def test_result_is_kept_before_it_is_acknowledged(self):
        """The reply to the last frame comes when the message is in the file."""
        instrument = self.connect()
        self.assertEqual(instrument.send_records(*message('A-1')), ALL_ACK)
        self.assertIn('A-1', (self.gateway.folder / 'state' / 'results.journal').read_text())

    def test_analyser_leaves(self):
        self.send(*message('A-1'))
        wait_until(lambda: not self.gateway.ask('/api/analysers')[1][0]['connected'])

    def test_analyser_returns(self):
        """One that comes again and again is not listed again and again, and nothing is forgotten."""
        for i in range(30):
            with self.gateway.connect() as instrument:
                self.assertEqual(instrument.send_records(*message(f'A-{i}')), ALL_ACK)
        self.assertEqual(self.connect().call(), ACK)
        self.assertLessEqual(len(self.gateway.ask('/api/analysers')[1]), 3)
        self.assertEqual(self.gateway.status()['messages'], 30)

    def test_many_analysers_were_there(self):
        """The last ones are listed, and the queries of all are counted."""
        for i in range(40):
            self.send(f'H|\\^&|||hand-{i}', 'Q|1|^A-1||ALL', 'L|1|N')
        self.connect()
        self.assertIn(len(self.gateway.ask('/api/analysers')[1]), range(20, 24))
        self.assertEqual(self.gateway.status()['queries'], 40)

    def test_records_in_two_frames(self):
        instrument = self.connect()
        text = '\r'.join(message('A-1')).encode() + b'\r'
        self.assertEqual(instrument.call(), ACK)
        self.assertEqual(instrument.send_frame(1, text[:50], ETB), ACK)
        self.assertEqual(instrument.send_frame(2, text[50:]), ACK)
        instrument.send(EOT)
        self.assertEqual(self.gateway.values(), [('A-1', 'GLU', '5.4')])

    def test_latin(self):
        """Old analysers do not know UTF-8."""
        instrument = self.connect()
        text = '\r'.join(message('Mušek-ü'.replace('š', 's'), name='ältere')).encode('latin-1', 'replace') + b'\r'
        self.assertEqual((instrument.call(), instrument.send_frame(1, text)), (ACK, ACK))
        self.assertEqual(self.gateway.results()[0]['analyser'], 'ältere')
        self.gateway.restart()
        self.assertEqual(self.gateway.results()[0]['specimen'], 'Musek-ü')

    def test_sent_twice(self):
        self.assertEqual(self.send(*message('A-1')), ALL_ACK)
        self.assertEqual(self.send(*message('A-1')), ALL_ACK)
        self.assertEqual(len(self.gateway.results()), 1)
        self.assertEqual(self.gateway.status()['duplicates'], 1)

    def test_the_same_without_time(self):
        """Nobody can tell whether it is the same measurement, so nothing is thrown away."""
        self.assertEqual(self.send(*message('A-1', time='')), ALL_ACK)
        self.assertEqual(self.send(*message('A-1', time='')), ALL_ACK)
        self.assertEqual(len(self.gateway.results()), 2)

    def test_unreadable(self):
        self.assertEqual(self.send('X|what is this', 'L|1|N'), ACK * 3)
        status = self.gateway.status()
        self.assertEqual((status['unreadable'], status['messages'], status['results']), (1, 1, 0))
        self.assertIn('what is this', (self.gateway.folder / 'state' / 'results.journal').read_text())
        self.assertEqual(self.send(*message('A-1')), ALL_ACK)

    def test_bad_checksum(self):
        instrument = self.connect()
        text = '\r'.join(message('A-1')).encode() + b'\r'
        good = instrument.frame(1, text)
        self.assertEqual(instrument.call(), ACK)
        instrument.send(good.replace(b'5.4', b'9.9'))
        self.assertEqual(instrument.receive(), NAK)
        instrument.send(good)
        self.assertEqual(instrument.receive(), ACK)
        instrument.send(EOT)
        self.assertEqual(self.gateway.values(), [('A-1', 'GLU', '5.4')])
        self.assertEqual(self.gateway.status()['naks'], 1)

    def test_broken_off(self):
        """What was not sent to its end is no message."""
        instrument = self.connect()
        instrument.call()
        instrument.send(instrument.frame(1, message('A-1')[0].encode() + b'\r'))
        self.assertEqual(instrument.receive(), ACK)
        instrument.send(STX + b'2P|1')
        instrument.socket.close()
        self.assertEqual(self.send(*message('A-2')), ALL_ACK)
        self.assertEqual(self.gateway.values(), [('A-2', 'GLU', '5.4')])

    def test_two_analysers(self):
        """Their frames are mixed on the wire, their results are not."""
        left, right = self.connect(), self.connect()
        self.assertEqual((left.call(), right.call()), (ACK, ACK))
        pairs = zip(message('A-1', name='left'), message('A-2', name='right'))
        for number, (of_left, of_right) in enumerate(pairs, 1):
            self.assertEqual(left.send_frame(number, of_left.encode() + b'\r'), ACK)
            self.assertEqual(right.send_frame(number, of_right.encode() + b'\r'), ACK)
        specimens = {result['analyser']: result['specimen'] for result in self.gateway.results()}
        self.assertEqual(specimens, {'left': 'A-1', 'right': 'A-2'})

    def test_fifty_analysers(self):
        instruments = [self.connect() for _ in range(50)]
        for instrument in instruments:
            instrument.send(ENQ)
        self.assertEqual({instrument.receive() for instrument in instruments}, {ACK})
        for number in range(1, 6):
            for i, instrument in enumerate(instruments):
                record = message(f'A-{i}', name=f'analyser-{i}')[number - 1]
                instrument.send(instrument.frame(number, record.encode() + b'\r'))
            self.assertEqual({instrument.receive() for instrument in instruments}, {ACK})
        self.assertEqual({specimen for specimen, _, _ in self.gateway.values()}, {f'A-{i}' for i in range(50)})
        self.assertEqual(sum(analyser['connected'] for analyser in self.gateway.ask('/api/analysers')[1]), 50)


class LongPoll(GatewayCase):

    def test_news(self):
        """The answer comes with the next result, not with the end of the time."""
        self.send(*message('A-1'))
        answers = []
        poll = threading.Thread(target=lambda: answers.append(self.gateway.ask('/api/results?after=1&wait=50')))
        began = time.monotonic()
        poll.start()
        self.send(*message('A-2'))
        poll.join()
        self.assertLess(time.monotonic() - began, 30)
        (status, answer), = answers
        self.assertEqual((status, answer['last']), (200, 2))
        self.assertEqual([result['specimen'] for result in answer['results']], ['A-2'])

    def test_no_news(self):
        began = time.monotonic()
        self.assertEqual(self.gateway.ask('/api/results?after=0&wait=1'), (200, {'last': 0, 'results': []}))
        self.assertGreaterEqual(time.monotonic() - began, 1)

    def test_limit(self):
        for i in range(5):
            self.send(*message(f'A-{i}'))
        self.assertEqual([result['id'] for result in self.gateway.results('?limit=2')], [4, 5])
        self.assertEqual([result['id'] for result in self.gateway.results('?after=2')], [3, 4, 5])

    def test_bad_numbers(self):
        for query in ('after=-1', 'after=x', 'limit=1001', 'wait=51', 'wait=1.5'):
            status, answer = self.gateway.ask(f'/api/results?{query}')
            self.assertEqual(status, 400, query)
            self.assertIn(query.split('=')[0], answer['message'])


class Orders(GatewayCase):

    CONFIGURATION = '[orders]\nlist =\n    A-1001 P-17 GLU CREA\n    A-1002 - TSH\n'

    def query(self, specimen):
        """Asks the gateway by hand, returns the orders and the code of the end of the answer."""
        instrument = self.connect()
        replies = instrument.send_records('H|\\^&|||hand', f'Q|1|^{specimen}||ALL||||||||O', 'L|1|N')
        self.assertEqual(replies, ACK * 4)
        records = instrument.receive_records()
        self.assertRegex(records[0], r'^H\|\\\^&\|\|\|lab-gateway\|\|\|\|\|hand\|\|P\|LIS2-A2\|\d{14}$')
        fields = [record.split('|') for record in records]
        orders = {field[2]: field[4] for field in fields if field[0] == 'O'}
        self.assertEqual(fields[-1][:2], ['L', '1'])
        return orders, fields[-1][2]

    def test_query(self):
        self.assertEqual(self.query('A-1001'), ({'A-1001': '^^^GLU\\^^^CREA'}, 'F'))
        self.assertEqual(self.query('A-9'), ({}, 'I'))
        self.assertEqual(self.gateway.status()['queries'], 2)
        self.assertEqual(self.gateway.status()['messages'], 0)

    def test_query_for_all(self):
        self.assertEqual(self.query('ALL'), ({'A-1001': '^^^GLU\\^^^CREA', 'A-1002': '^^^TSH'}, 'F'))

    def test_order(self):
        order = {'specimen': 'B-1', 'patient': 'P|^1', 'tests': ['NA', 'K']}
        self.assertEqual(self.gateway.ask('/api/orders', order), (201, order))
        self.assertEqual(self.query('B-1'), ({'B-1': '^^^NA\\^^^K'}, 'F'))
        self.gateway.restart()
        self.assertIn(order, self.gateway.ask('/api/orders')[1])
        self.assertEqual(self.query('B-1'), ({'B-1': '^^^NA\\^^^K'}, 'F'))

    def test_order_once_more(self):
        for tests in (['NA'], ['K']):
            self.gateway.ask('/api/orders', {'specimen': 'B-1', 'tests': tests})
        self.assertEqual(self.query('B-1'), ({'B-1': '^^^K'}, 'F'))

    def test_bad_orders(self):
        for order in ({}, {'specimen': 'B-1'}, {'specimen': 'B-1', 'tests': []}, {'specimen': '', 'tests': ['K']},
                      {'specimen': 'B-1', 'tests': [1]}, {'specimen': 'B-1', 'tests': 'K'},
                      {'specimen': 'B\r1', 'tests': ['K']}, {'specimen': 'B' * 101, 'tests': ['K']},
                      {'specimen': 'B-1', 'tests': ['K'] * 201}, {'specimen': None, 'tests': ['K']}, [], 7):
            self.assertEqual(self.gateway.ask('/api/orders', order)[0], 422, order)
        self.assertEqual(self.gateway.ask('/api/orders', b'{"specimen":')[0], 400)
        self.assertEqual(len(self.gateway.ask('/api/orders')[1]), 2)

    def test_reload(self):
        self.gateway.ask('/api/orders', {'specimen': 'B-1', 'tests': ['NA']})
        self.gateway.folder.configure(Gateway.BASE + '[orders]\nlist = A-1003 - CA\n')
        self.gateway.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.query('A-1003')[0])
        self.assertEqual(self.query('ALL')[0], {'A-1003': '^^^CA', 'B-1': '^^^NA'})


class Faults(GatewayCase):

    @property
    def journal(self):
        return self.gateway.folder / 'state' / 'results.journal'

    def send_and_kill(self, *specimens):
        for specimen in specimens:
            self.assertEqual(self.send(*message(specimen)), ALL_ACK)
        self.gateway.kill()

    def specimens(self):
        return [specimen for specimen, _, _ in self.gateway.values()]

    def test_power_cut(self):
        """What was acknowledged is there, and is not there twice when the analyser did not get the reply."""
        self.send_and_kill('A-1', 'A-2')
        self.gateway.start()
        self.assertEqual(self.specimens(), ['A-1', 'A-2'])
        self.assertEqual(self.send(*message('A-2')), ALL_ACK)
        self.assertEqual(self.send(*message('A-3')), ALL_ACK)
        self.assertEqual([result['id'] for result in self.gateway.results()], [1, 2, 3])
        self.assertEqual(self.gateway.status()['duplicates'], 1)

    def test_power_cut_under_load(self):
        """Killed at some moment, with many analysers at work: each message that was acknowledged is there."""
        acknowledged, n_workers = [], 8

        def work(worker):
            try:
                with self.gateway.connect() as instrument:
                    for i in range(1000):
                        if instrument.send_records(*message(f'W-{worker}-{i}')) == ALL_ACK:
                            acknowledged.append(f'W-{worker}-{i}')
            except OSError:
                pass

        workers = [threading.Thread(target=work, args=[i]) for i in range(n_workers)]
        for worker in workers:
            worker.start()
        wait_until(lambda: len(acknowledged) >= 40)
        self.gateway.kill()
        for worker in workers:
            worker.join()
        self.gateway.start()
        self.assertLessEqual(set(acknowledged), set(self.specimens()))

    def test_torn_entry(self):
        self.send_and_kill('A-1', 'A-2')
        content = self.journal.read_bytes()
        last = content.splitlines(keepends=True)[-1]
        for torn in (last[:-1], last[:30], b'\0' * 4096, last.replace(b'A-2', b'A-3')):
            self.journal.write_bytes(content + torn)
            self.gateway.start()
            self.assertEqual(self.specimens(), ['A-1', 'A-2'], torn)
            self.assertEqual(self.journal.read_bytes(), content)
            wait_until(lambda: 'was not written to its end' in self.gateway.read_log())
            self.gateway.kill()
        self.gateway.start()
        self.assertNotIn('was not written to its end', self.gateway.read_log())
        self.send_and_kill('A-3')
        self.gateway.start()
        self.assertEqual(self.specimens(), ['A-1', 'A-2', 'A-3'])

    def test_damaged_entry(self):
        self.send_and_kill('A-1', 'A-2', 'A-3')
        self.journal.write_bytes(self.journal.read_bytes().replace(b'A-2', b'A-7'))
        self.gateway.start()
        self.assertEqual(self.specimens(), ['A-1', 'A-3'])
        wait_until(lambda: 'damaged entries' in self.gateway.read_log())

    def test_second_gateway(self):
        other = self.start(folder=self.gateway.folder)
        self.assertEqual(other.process.wait(TIMEOUT), 1)
        self.assertIn('Cannot have for its own', other.read_log())

    def test_bounded_memory(self):
        self.gateway.kill()
        self.gateway = self.start('[results]\nmax_results = 3\n')
        self.send_and_kill('A-1', 'A-2', 'A-3', 'A-4')
        self.gateway.start()
        self.assertEqual(self.specimens(), ['A-2', 'A-3', 'A-4'])
        self.assertEqual(self.gateway.results()[-1]['id'], 4)


class FullDisk(GatewayCase):

    def setUp(self):
        """The state is on a disk of 64 KiB that only the gateway has mounted."""
        folder = self.enterContext(Folder())
        (folder / 'state').mkdir()
        mount = f'mount -t tmpfs -o size=64k tmpfs {folder / "state"} && exec "$0" "$@"'
        self.gateway = self.start(folder=folder, command=[*unshare(), 'sh', '-c', mount])
        self.disk = pathlib.Path(f'/proc/{self.gateway.process.pid}/root{folder / "state"}')

    def fill(self):
        with (self.disk / 'filler').open('wb', buffering=0) as filler:
            try:
                while filler.write(b'x' * 512):
                    pass
            except OSError:
                pass

    def test_full_disk(self):
        self.assertEqual(self.send(*message('A-1')), ALL_ACK)
        self.fill()
        kept = self.gateway.values()
        instrument = self.connect()
        text = '\r'.join(message('B-1', name='x' * 5000)).encode() + b'\r'
        self.assertEqual((instrument.call(), instrument.send_frame(1, text)), (ACK, NAK))
        self.assertEqual(self.gateway.ask('/health')[0], 503)
        self.assertGreaterEqual(self.gateway.status()['refused'], 1)
        wait_until(lambda: 'Results cannot be kept' in self.gateway.read_log())

        (self.disk / 'filler').unlink()
        self.assertEqual(instrument.send_frame(1, text), ACK)
        self.assertEqual(self.gateway.ask('/health')[0], 200)
        self.assertEqual(self.gateway.values(), [*kept, ('B-1', 'GLU', '5.4')])
        entries = (self.disk / 'results.journal').read_text().splitlines()
        self.assertEqual(len(entries), len(kept) + 1)


class Simulator(GatewayCase):

    CONFIGURATION = '[orders]\nlist = A-1001 P-17 GLU CREA\n'

    def test_count(self):
        self.assertEqual(self.simulate('--count', '5', '--rate', '1000').returncode, 0)
        self.assertEqual(self.gateway.status()['messages'], 5)
        for result in self.gateway.results():
            low, high = map(float, result['range'].split('-'))
            value = float(result['value'])
            self.assertEqual(result['flags'].strip('LH') == 'N', low <= value <= high, result)

    def test_files(self):
        samples = sorted((FOLDER / 'samples').glob('*.astm'))
        self.assertTrue(samples)
        for sample in samples:
            simulation = self.simulate('--file', sample)
            self.assertEqual(simulation.returncode, 0, f'{sample}: {simulation.stderr}')
        self.assertEqual(self.gateway.status()['unreadable'], 0)
        self.assertGreater(self.gateway.status()['results'], 0)

    def test_query(self):
        simulation = self.simulate('--query', 'A-1001')
        self.assertEqual(simulation.returncode, 0, simulation.stderr)
        self.assertRegex(simulation.stdout, r'(?m)^O\|1\|A-1001\|\|\^\^\^GLU\\\^\^\^CREA\|')

    def test_mischief(self):
        simulation = self.simulate('--bad-checksum', '--drop')
        self.assertEqual(simulation.returncode, 0, simulation.stderr)
        status = self.gateway.status()
        self.assertEqual((status['naks'], status['messages']), (1, 1))

    def test_no_gateway(self):
        with socket.create_server(('127.0.0.1', 0)) as listener:
            port = listener.getsockname()[1]
        self.assertEqual(run(ANALYSER, '--gateway', f'127.0.0.1:{port}').returncode, 1)

    def test_gateway_goes(self):
        """A gateway that dies in the middle has not acknowledged all."""
        threading.Timer(0, lambda: (wait_until(lambda: self.gateway.results()), self.gateway.process.kill())).start()
        self.assertEqual(self.simulate('--count', '100000').returncode, 1)


class Tls(GatewayCase):

    def setUp(self):
        folder = self.enterContext(Folder())
        self.cert, self.key = folder / 'cert.pem', folder / 'key.pem'
        made = run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                   '-subj', '/CN=gateway', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2',
                   '-out', self.cert, '-keyout', self.key)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.gateway = self.start(f'[gateway]\ncert = {self.cert}\nkey = {self.key}\n', folder=folder)

    def test_result(self):
        with self.gateway.connect(tls=ssl.create_default_context(cafile=self.cert)) as instrument:
            self.assertEqual(instrument.send_records(*message('A-1')), ALL_ACK)
        self.assertEqual(self.gateway.values(), [('A-1', 'GLU', '5.4')])

    def test_without_tls(self):
        """Who does not speak TLS gets no reply of the protocol."""
        self.assertNotEqual(self.connect().call(), ACK)
        self.test_result()


class Demo(GatewayCase):

    CONFIGURATION = '[demo]\nenabled = yes\ninterval = 0.05\n'

    def test_demo(self):
        wait_until(lambda: self.gateway.results())
        self.assertTrue(self.gateway.status()['demo'])
        self.gateway.ask('/api/orders', {'specimen': 'B-1', 'patient': 'P-1', 'tests': ['GLU', 'XYZ']})
        wait_until(lambda: sum(specimen == 'B-1' for specimen, _, _ in self.gateway.values()) == 2)

    def test_turned_off(self):
        wait_until(lambda: self.gateway.results())
        self.gateway.folder.configure(Gateway.BASE + '[demo]\nenabled = no\n')
        self.gateway.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not any(analyser['connected'] for analyser in self.gateway.ask('/api/analysers')[1]))
        self.assertFalse(self.gateway.status()['demo'])

    def test_end(self):
        wait_until(lambda: self.gateway.results())
        self.assertEqual(self.gateway.end(), 0)
        self.assertNotRegex(self.gateway.read_log(), r'\d (WARNING|ERROR|CRITICAL) ')


class Life(GatewayCase):

    def test_end(self):
        """Neither an analyser that is idle nor a browser that waits for results delays the end."""
        self.connect()
        polls = []
        poll = threading.Thread(target=lambda: polls.append(self.gateway.ask('/api/results?wait=50')))
        poll.start()
        self.assertEqual(self.gateway.ask('/health')[0], 200)
        began = time.monotonic()
        self.assertEqual(self.gateway.end(), 0)
        poll.join()
        self.assertLess(time.monotonic() - began, 30)
        self.assertEqual(polls, [(200, {'last': 0, 'results': []})])
        self.assertNotRegex(self.gateway.read_log(), r'\d (WARNING|ERROR|CRITICAL) ')

    def test_end_of_message(self):
        """A message that is under way comes to its end, and is there at the next start."""
        instrument = self.connect()
        self.assertEqual(instrument.call(), ACK)
        records = [record.encode() + b'\r' for record in message('A-1')]
        self.assertEqual(instrument.send_frame(1, records[0]), ACK)
        self.gateway.process.send_signal(signal.SIGTERM)
        wait_until(lambda: 'is exiting' in self.gateway.read_log())
        for number, record in enumerate(records[1:], 2):
            self.assertEqual(instrument.send_frame(number, record), ACK)
        instrument.send(EOT)
        self.assertEqual(self.gateway.process.wait(TIMEOUT), 0)
        self.gateway.restart()
        self.assertEqual(self.gateway.values(), [('A-1', 'GLU', '5.4')])

    def test_message_that_does_not_end(self):
        """It delays the end no longer than it is configured to."""
        self.gateway = self.start('[gateway]\nstop_timeout = 0.1\n')
        self.assertEqual(self.connect().call(), ACK)
        self.assertEqual(self.gateway.end(), 0)

    def test_interrupt(self):
        self.assertEqual(self.gateway.end(signal.SIGINT), 0)

    def test_next_ports(self):
        with socket.create_server(('127.0.0.1', 0)) as one, socket.create_server(('127.0.0.1', 0)) as two:
            ports = one.getsockname()[1], two.getsockname()[1]
            self.gateway = self.start('[lab]\nfirst_web_port = %d\nfirst_gateway_port = %d\n' % ports, base='')
            self.assertGreater(int(self.gateway.address.rpartition(':')[2]), ports[0])
            self.assertGreater(int(self.gateway.gateway.rpartition(':')[2]), ports[1])
            self.assertEqual(self.send(*message('A-1')), ALL_ACK)

    def test_configured_port_is_taken(self):
        with socket.create_server(('127.0.0.1', 0)) as other:
            for section in 'web', 'gateway':
                address = f'127.0.0.1 {other.getsockname()[1]}'
                gateway = self.start(f'[{section}]\nlisten = {address}\n')
                self.assertEqual(gateway.process.wait(TIMEOUT), 1)
                self.assertIn(f'Cannot listen at “{address}”', gateway.read_log())

    def test_configuration(self):
        checked = run(PROGRAM, '-c', FOLDER / 'lab-gateway.conf', '--check-config')
        self.assertEqual(checked.returncode, 0, checked.stderr)


unittest.main(verbosity=2)
