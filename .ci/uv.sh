#!/bin/sh
# Runs uv with the given arguments; installs uv from the Python registry first when it is missing.
#
# Order: $UV, the private copy of an earlier run, a recent enough uv on PATH, a private virtual
# environment, the user's site. Nothing here fetches a script from the network.
set -eu

UV_VERSION=0.13.8
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
private="$root/.venv-bootstrap"

say() { printf '%s\n' "$*" >&2; }

recent() { # uv 0.9 or later, as pyproject.toml requires
    found=$("$1" --version 2>/dev/null | sed -n 's/^uv \([0-9]*\.[0-9]*\).*/\1/p')
    major=${found%%.*}
    minor=${found#*.}
    [ -n "$found" ] && { [ "$major" -gt 0 ] || [ "$minor" -ge 9 ]; }
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

apt_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    say "Installing $* with apt-get ..."
    as_root apt-get update -qq >&2 || return 1
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" >&2
}

require_python() {
    command -v python3 >/dev/null 2>&1 || apt_install python3 || {
        say "Gatehouse needs Python 3.11 or later, and there is no python3 on PATH."
        say "Install it, then try again:  apt-get install python3 python3-venv"
        exit 2
    }
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        say "Gatehouse needs Python 3.11 or later; $(command -v python3) is $(python3 -V 2>&1)."
        exit 2
    }
}

into_private_environment() {
    rm -rf "$private"
    python3 -m venv "$private" >/dev/null 2>&1 || return 1
    printf '*\n' >"$private/.gitignore"
    "$private/bin/python" -m pip install -q --disable-pip-version-check "uv==$UV_VERSION" >&2 ||
        return 1
    ln -sf bin/uv "$private/uv"
}

into_user_site() {
    python3 -m pip --version >/dev/null 2>&1 || return 1
    python3 -m pip install -q --user "uv==$UV_VERSION" >&2 2>/dev/null ||
        python3 -m pip install -q --user --break-system-packages "uv==$UV_VERSION" >&2 || return 1
    mkdir -p "$private"
    printf '*\n' >"$private/.gitignore"
    ln -sf "$(python3 -m site --user-base)/bin/uv" "$private/uv"
}

install_uv() {
    require_python
    say "uv is missing: installing uv $UV_VERSION into ${private#"$root"/} ..."
    into_private_environment && return
    # Debian ships Python without venv and pip.
    if ! python3 -c 'import ensurepip' >/dev/null 2>&1; then
        apt_install python3-venv && into_private_environment && return
    fi
    into_user_site && return
    say "Could not install uv. Either of these mends it:"
    say "  apt-get install python3-venv     (as root; then run make again)"
    say "  python3 -m pip install --user uv"
    exit 2
}

if [ -z "${UV:-}" ]; then
    if recent "$private/uv"; then
        UV="$private/uv"
    elif command -v uv >/dev/null 2>&1 && recent uv; then
        UV=uv
    else
        install_uv
        UV="$private/uv"
    fi
fi

# Interpreters come from the system, never from a download; any 3.11 or later will do.
export UV_PYTHON_DOWNLOADS=never
export UV_PYTHON="${UV_PYTHON:->=3.11}"
exec "$UV" "$@"
