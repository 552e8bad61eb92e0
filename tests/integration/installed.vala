// SPDX-License-Identifier: LGPL-2.1-or-later

int main () {
    try {
        throw new Asab.Error.CLOSED ("closed");
    } catch (Asab.Error error) {
        return error.code == Asab.Error.CLOSED ? 0 : 1;
    }
}
