/* SPDX-License-Identifier: LGPL-2.1-or-later */

class Hello : Asab.Application {
  public override Asab.Future? initialize () {
    var web = new AsabWeb.Service (this);

    try {
      web.get_router ().add_get ("/hello", (request) => {
        request.respond_text ("Hello, world!\n");
        return null;
      });
    } catch (Error e) {
      return new Asab.Future.rejected (e);
    }

    return null;
  }
}

int main (string[] args) {
  return new Hello ().run (args);
}
