#!/bin/sh
# Makes the virtual environment in the folder given: make_venv.sh PYTHON FOLDER.
# Debian ships Python without ensurepip, so three ways are tried before giving up with one sentence.
set -eu

python=$1
folder=$2

if ! command -v "$python" >/dev/null 2>&1; then
    echo "ConvScope needs Python 3.11 or later; '$python' was not found. Try: make PYTHON=/path/to/python3 run" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "ConvScope needs Python 3.11 or later; '$python' is $("$python" --version 2>&1)." >&2
    exit 1
fi

# What an interrupted attempt left behind would be half a venv.
rm -rf "$folder"

has() { "$python" -c "import $1" >/dev/null 2>&1; }

if ! has ensurepip && ! has pip; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
        # "$python" may be Debian's own; another one brings ensurepip with it.
        DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends python3-venv >&2
    fi
fi

if has ensurepip; then
    "$python" -m venv "$folder"
elif has pip; then
    "$python" -m venv --without-pip "$folder"
    "$python" -m pip --python "$folder/bin/python" install --quiet pip
else
    echo "Python's 'venv' is incomplete here: install it first (Debian, Ubuntu: apt-get install python3-venv)." >&2
    exit 1
fi
