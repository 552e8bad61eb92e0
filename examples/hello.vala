/* SPDX-License-Identifier: LGPL-2.1-or-later */

class Hello : Asab.Application {
  public override Asab.Future? main () {
    print ("Hello world!\n");
    stop (0);
    return null;
  }
}

int main (string[] args) {
  return new Hello ().run (args);
}
