/* SPDX-License-Identifier: LGPL-2.1-or-later */

class Counter : Asab.Service {
  public override Asab.Future? initialize (Asab.Application application) {
    return Asab.sleep (0);
  }
}

async int64 add (int64 a, int64 b) throws Error {
  var promise = new Asab.Promise ();
  var future = promise.get_future ();

  Idle.add (() => {
    promise.resolve_int64 (a + b);
    return Source.REMOVE;
  });
  yield future.wait (null);

  return future.get_int64 ();
}

async void fail () throws Error {
  var future = new Asab.Future.rejected (new Asab.Error.CLOSED ("closed"));
  yield future.wait (null);
}

void test_wait () {
  var loop = new MainLoop ();
  int64 sum = 0;

  add.begin (1, 2, (_, result) => {
    try {
      sum = add.end (result);
    } catch (Error e) {
      error (e.message);
    }
    loop.quit ();
  });
  loop.run ();
  assert_cmpint ((int) sum, CompareOperator.EQ, 3);
}

void test_error () {
  var loop = new MainLoop ();
  var caught = false;

  fail.begin ((_, result) => {
    try {
      fail.end (result);
    } catch (Asab.Error.CLOSED e) {
      caught = true;
    } catch (Error e) {
      error (e.message);
    }
    loop.quit ();
  });
  loop.run ();
  assert_true (caught);
}

void test_bus () {
  var bus = new Asab.PubSub ();
  var heard = 0;

  bus.subscribe ("Test!", (_, message) => {
    heard += message.get_n_args () == 0 ? 1 : 0;
    return null;
  });
  bus.publish ("Test!");
  assert_cmpint (heard, CompareOperator.EQ, 1);
}

void test_config () {
  var config = new Asab.Config ();

  config.add_default ("web", "timeout", "1m30s");
  try {
    assert_true (config.get_seconds ("web", "timeout") == 90);
    config.get_string ("web", "listen");
    assert_not_reached ();
  } catch (Error e) {
    assert_true (e is Asab.ConfigError.NOT_FOUND);
  }
}

void test_service () {
  var app = new Asab.Application (null, ApplicationFlags.NON_UNIQUE);
  var counter = (Counter) Object.new (typeof (Counter), application: app, name: "counter");

  assert_true (app.get_service ("counter") == counter);
}

class Shouter : Asab.AsyncChat {
  construct {
    set_terminator ("\n");
  }

  public override bool found_terminator () throws Error {
    return push_text (take_line ().up () + "\n");
  }
}

class Asker : Asab.AsyncChat {
  public string? answer;

  construct {
    set_terminator ("\n");
  }

  public override bool handle_connect () throws Error {
    return push_text ("hello\n");
  }

  public override bool found_terminator () throws Error {
    answer = take_line ();

    return true;
  }
}

void test_stream_client () {
  var server = new Asab.StreamServer (typeof (Shouter));
  var client = new Asab.StreamClient (typeof (Asker));
  Asker? asker = null;

  client.connected.connect (channel => asker = (Asker) channel);
  try {
    server.listen = "127.0.0.1 0";
    server.start ();
    client.address = server.dup_addresses ()[0];
    client.start ();
  } catch (Error e) {
    error (e.message);
  }

  while (asker == null || asker.answer == null)
    MainContext.default ().iteration (true);
  assert_cmpstr (asker.answer, CompareOperator.EQ, "HELLO");

  var client_stopped = client.stop ();
  while (!client_stopped.is_done ())
    MainContext.default ().iteration (true);
  var server_stopped = server.stop ();
  while (!server_stopped.is_done ())
    MainContext.default ().iteration (true);
}

int main (string[] args) {
  Test.init (ref args);
  Test.add_func ("/vala/wait", test_wait);
  Test.add_func ("/vala/error", test_error);
  Test.add_func ("/vala/bus", test_bus);
  Test.add_func ("/vala/config", test_config);
  Test.add_func ("/vala/service", test_service);
  Test.add_func ("/vala/stream-client", test_stream_client);

  return Test.run ();
}
