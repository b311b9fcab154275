# Sourced by script/server, script/manage and script/test: makes .venv and node_modules, once per lock.
# The caller is in the checkout's root and has `set -euo pipefail`.

export PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV DJANGO_SETTINGS_MODULE
# What this machine trusts, the package tools trust too (a company's proxy has a certificate of its own).
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r /etc/ssl/certs/ca-certificates.crt ]; then
    export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
fi

say() { printf '[%3d s] %s\n' "$SECONDS" "$*"; }

fail() { # cause, cure
    printf '\n%s\n  What to do: %s\n' "$1" "$2" >&2
    exit 1
}

hash_of() {
    if command -v sha256sum >/dev/null; then cat "$@" | sha256sum; else cat "$@" | shasum -a 256; fi | cut -c1-64
}

find_python() {
    local name
    for name in ${PYTHON:+"$PYTHON"} python3 python3.11 python3.12 python3.13 python3.14; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    fail "No Python 3.11 or newer was found${PYTHON:+ (PYTHON is $PYTHON)}." \
        "install one (Debian: apt-get install python3), or name it: PYTHON=/path/to/python3.11."
}

writable_home() { # the package tools want a home for their caches
    if [ ! -w "${HOME:-/nonexistent}" ]; then
        mkdir -p .tools/home
        export HOME="$PWD/.tools/home"
    fi
}

make_uv() { # in an environment of its own, so that the project's holds what its lock says and nothing else
    local python=$1 log=$2
    [ "$(cat .tools/uv/.stamp 2>/dev/null)" = "$(hash_of script/tools/uv.txt)" ] && return
    rm -rf .tools/uv
    if ! "$python" -m venv .tools/uv >"$log" 2>&1; then
        rm -rf .tools/uv # Debian's bare python3 has no ensurepip
        "$python" -m venv --without-pip .tools/uv >>"$log" 2>&1 \
            || fail "$python cannot make an environment: $(tail -n 3 "$log")" "install its venv module (Debian: python3-venv)."
        "$python" script/tools/get_pip.py .tools/wheels >>"$log" 2>&1 || {
            tail -n 3 "$log" >&2
            fail "This Python has no pip, and none could be fetched." "see that PyPI is reachable (PIP_INDEX_URL, https_proxy), or install python3-venv."
        }
        local wheel
        for wheel in .tools/wheels/pip-*.whl; do :; done
        .tools/uv/bin/python "$wheel/pip" install --no-deps "$wheel" >>"$log" 2>&1 \
            || fail "pip could not be installed: $(tail -n 3 "$log")" "read $log."
    fi
    if .tools/uv/bin/python -m pip install --require-hashes -r script/tools/uv.txt >>"$log" 2>&1; then
        hash_of script/tools/uv.txt >.tools/uv/.stamp
    else
        say "uv could not be installed; pip does its work, more slowly"
    fi
}

make_venv() {
    local python want log=.tools/setup.log
    want=$(hash_of requirements-dev.txt script/tools/setup.sh)
    if [ "$(cat .venv/.stamp 2>/dev/null)" = "$want" ] && .venv/bin/python -c '' 2>/dev/null; then return; fi
    python=$(find_python)
    mkdir -p .tools 2>/dev/null && [ -w .tools ] && [ -w . ] \
        || fail "$PWD cannot be written by $(id -un)." "make a checkout of your own, or ask its owner."
    writable_home
    say "making the environment with $("$python" --version) ($python)"
    rm -f .venv/.stamp
    make_uv "$python" "$log"
    .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
        || "$python" -m venv --clear --without-pip .venv >>"$log" 2>&1 \
        || fail ".venv could not be made: $(tail -n 3 "$log")" "read $log."
    say "installing the packages of requirements-dev.txt"
    { [ -x .tools/uv/bin/uv ] && .tools/uv/bin/uv pip sync --quiet --require-hashes --python .venv/bin/python requirements-dev.txt >>"$log" 2>&1; } \
        || .tools/uv/bin/python -m pip --python .venv/bin/python install --require-hashes -r requirements-dev.txt >>"$log" 2>&1 \
        || { tail -n 5 "$log" >&2; fail "The packages could not be installed." \
            "see that PyPI is reachable (PIP_INDEX_URL, https_proxy) and start again; the whole story is in $log."; }
    printf '%s\n' "$want" >.venv/.stamp
    say "the environment is ready"
}

npm_ci() { "$1" ci --ignore-scripts --no-audit --no-fund --loglevel=error >>.tools/setup.log 2>&1; }

make_assets() {
    local want
    want=$(hash_of package-lock.json)
    [ "$(cat node_modules/.stamp 2>/dev/null)" = "$want" ] && return
    mkdir -p .tools
    writable_home
    say "installing the page assets"
    if ! command -v npm >/dev/null || ! npm_ci npm; then
        say "this machine has no npm that works; fetching one for set-up only"
        "$(find_python)" -m venv --clear --without-pip .tools/node >>.tools/setup.log 2>&1
        { .tools/uv/bin/uv pip sync --quiet --require-hashes --python .tools/node/bin/python script/tools/node.txt >>.tools/setup.log 2>&1 \
            || .tools/uv/bin/python -m pip --python .tools/node/bin/python install --require-hashes -r script/tools/node.txt >>.tools/setup.log 2>&1; } \
            && PATH="$PWD/.tools/node/bin:$PATH" npm_ci .tools/node/bin/npm \
            || { tail -n 5 .tools/setup.log >&2; fail "Bootstrap could not be installed." \
                "see that the npm registry and PyPI are reachable and start again; the whole story is in .tools/setup.log."; }
    fi
    printf '%s\n' "$want" >node_modules/.stamp
}

set_up() {
    make_venv
    make_assets
}
