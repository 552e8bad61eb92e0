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

int main (string[] args) {
  Test.init (ref args);
  Test.add_func ("/vala/wait", test_wait);
  Test.add_func ("/vala/error", test_error);
  Test.add_func ("/vala/bus", test_bus);
  Test.add_func ("/vala/config", test_config);
  Test.add_func ("/vala/service", test_service);

  return Test.run ();
}
