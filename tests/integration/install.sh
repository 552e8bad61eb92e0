#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Installs into a folder of its own and uses what is there as a stranger would: a program in C and one in Vala, compiled
# with what pkg-config says, and programs in Python and JavaScript that load the typelib and the overrides.
#
# usage: install.sh BUILD-FOLDER PREFIX

set -eu

here=$(cd "$(dirname "$0")" && pwd)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

DESTDIR=$stage meson install -C "$1" --no-rebuild --quiet
prefix=$stage$2
libdir=$(dirname "$(find "$prefix" -name libasab-glib-1.0.so)")

# The prefix in the files is that of the final place.
sed -i "s,^prefix=.*,prefix=$prefix," "$libdir"/pkgconfig/*.pc
export PKG_CONFIG_PATH="$libdir/pkgconfig" LD_LIBRARY_PATH="$libdir"
export GI_TYPELIB_PATH="$libdir/girepository-1.0" XDG_DATA_DIRS="$prefix/share:/usr/share"

cd "$stage"
# shellcheck disable=SC2046 # a list of options
gcc -Wall -Werror -o installed-c "$here/installed.c" $(pkg-config --cflags --libs asab-glib-1.0)
./installed-c

if [ -d "$GI_TYPELIB_PATH" ]; then
  valac --pkg asab-glib-1.0 -X -w -o installed-vala "$here/installed.vala"
  ./installed-vala

  overrides=$(find "$stage" -path '*/gi/overrides')
  export PYTHONPATH="${overrides%/gi/overrides}"
  /usr/bin/python3 "$here/installed.py"
  timeout 20 /usr/bin/python3 "$here/../../examples/hello.py"
  timeout 20 gjs "$here/../../examples/hello.js"
fi
