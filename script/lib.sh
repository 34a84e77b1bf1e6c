# Shared by script/demo, script/server and script/test; sourced, with the repository as the working folder.
# Written for bash 3.2 (macOS) and for machines with nothing installed. The caller sets ME to its own name.
# shellcheck shell=bash

VENV=.venv
PYTHON_WANTED="3.12"
PDF_PACKAGES="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-inter"

say() { echo "» $*"; }

fail() {
    echo "$*" >&2
    exit 1
}

# --- Python ---------------------------------------------------------------------------------------------------

# A Python this product runs on, complete enough for it (some are built without SQLite or TLS).
is_good_python() {
    "$1" -c 'import sys; assert sys.version_info >= (3, 12); import ctypes, sqlite3, ssl, zlib' >/dev/null 2>&1
}

python_version() { "$1" -c 'import platform; print(platform.python_version())' 2>/dev/null || echo "not there"; }

# Folders in which pyenv keeps its versions, one a line.
pyenv_folders() {
    local shim
    [ -z "${PYENV_ROOT:-}" ] || echo "$PYENV_ROOT/versions"
    [ -z "${HOME:-}" ] || echo "$HOME/.pyenv/versions"
    shim=$(command -v python3 || true)
    case "$shim" in
        */shims/python3) echo "${shim%/shims/python3}/versions" ;;
    esac
}

# Sets PY to a good Python on this machine; fails silently when there is none.
find_python() {
    local name folder
    for name in python3.13 python3.12 python3.14 python3; do
        PY=$(command -v "$name" || true)
        if [ -n "$PY" ] && is_good_python "$PY"; then return 0; fi
    done
    while read -r folder; do
        for name in 3.13 3.12 3.14; do
            for PY in "$folder/$name".*/bin/python; do
                if [ -x "$PY" ] && is_good_python "$PY"; then return 0; fi
            done
        done
    done <<EOF
$(pyenv_folders)
EOF
    PY=""
    return 1
}

# Sets UV to an installer that is there already; fails silently when there is none.
find_uv() {
    for UV in uv "${HOME:-/nowhere}/.local/bin/uv" "$VENV/bin/uv" var/uv/bin/uv; do
        if "$UV" --version >/dev/null 2>&1; then return 0; fi
    done
    UV=""
    return 1
}

# uv by itself, from whatever Python there is: it can bring a newer Python along.
fetch_uv() {
    find_uv && return 0
    if ! python3 -c 'import ensurepip' >/dev/null 2>&1; then
        install_system_packages "to fetch a newer Python" python3-venv python3-pip || return 1
    fi
    python3 -m venv var/uv >/dev/null 2>&1 &&
        var/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r script/uv.txt &&
        find_uv
}

# An environment in .venv with a good Python; makes it when it is missing or its Python is gone.
make_environment() {
    local refused
    if [ -z "${PYTHON:-}" ] && is_good_python "$VENV/bin/python"; then return 0; fi
    if [ -n "${PYTHON:-}" ]; then
        is_good_python "$PYTHON" ||
            fail "PYTHON=$PYTHON is $(python_version "$PYTHON"); CE-CERT Rollout needs a complete Python $PYTHON_WANTED or newer: set PYTHON to one, or unset it to have one looked for."
        if is_good_python "$VENV/bin/python" &&
            [ "$(python_version "$VENV/bin/python")" = "$(python_version "$PYTHON")" ]; then return 0; fi
        PY=$PYTHON
    elif ! find_python; then
        refused=$(python_version python3)
        say "No Python $PYTHON_WANTED or newer here (python3 is $refused): fetching one"
        if ! fetch_uv || ! "$UV" venv --quiet --clear --python 3.13 --python-preference only-managed "$VENV"; then
            rm -rf "$VENV"
            fail "Python is too old (python3 is $refused) and no newer one could be fetched: install Python $PYTHON_WANTED or newer, then run PYTHON=/path/to/python3 $ME"
        fi
        say "Python $(python_version "$VENV/bin/python"), fetched by uv"
        return 0
    fi
    say "Python $(python_version "$PY") from $PY"
    rm -rf "$VENV"
    if "$PY" -m venv "$VENV" >/dev/null 2>&1; then return 0; fi
    # Debian keeps pip for environments in a package of its own.
    rm -rf "$VENV"
    if find_uv && "$UV" venv --quiet --python "$PY" "$VENV"; then return 0; fi
    install_system_packages "for Python environments" python3-venv || true
    "$PY" -m venv "$VENV" >/dev/null || fail "$PY cannot make environments: install its venv package (on Debian: apt-get install python3-venv)."
}

# --- Python packages ----------------------------------------------------------------------------------------

lock_state() { echo "$(cksum <"$1") $(python_version "$VENV/bin/python")"; }

is_installed() { [ "$(cat "$VENV/.$1" 2>/dev/null)" = "$(lock_state "$1")" ]; }

# Packages of a hashed list into .venv, only when the list or the Python has changed.
install_packages() {
    local list=$1 started=$SECONDS
    if is_installed "$list"; then return 0; fi
    if [ "$list" = requirements.txt ] && is_installed requirements-dev.txt; then return 0; fi
    say "Installing Python packages ($list)"
    if ! find_uv; then
        "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r script/uv.txt && find_uv || true
    fi
    if [ -n "$UV" ] && "$UV" pip install --quiet --compile-bytecode --require-hashes --python "$VENV/bin/python" -r "$list"; then
        :
    else
        [ -z "$UV" ] || say "uv could not install them; trying pip"
        "$VENV/bin/python" -m pip --version >/dev/null 2>&1 || "$VENV/bin/python" -m ensurepip >/dev/null 2>&1 || true
        "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$list" ||
            fail "Python packages could not be installed: see the lines above; a package index must be reachable (check the network or pip's settings), then run $ME again."
    fi
    lock_state "$list" >"$VENV/.$list"
    say "Python packages installed in $((SECONDS - started)) s"
}

# --- System packages -----------------------------------------------------------------------------------------

# Prints what must stand before a command to run it as root: nothing, or sudo. Fails where neither works.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        echo ""
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        echo "sudo -n"
    else
        return 1
    fi
}

# install_system_packages REASON PACKAGE…: Debian packages, where this machine lets us. SYSTEM_PACKAGES=no forbids it.
install_system_packages() {
    local reason=$1 root log
    shift
    if [ "${SYSTEM_PACKAGES:-yes}" = no ] || ! command -v apt-get >/dev/null || ! root=$(as_root); then return 1; fi
    say "Installing system packages $reason: $*"
    log=$(mktemp)
    # shellcheck disable=SC2086 # $root is a command with arguments, or nothing
    if $root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >"$log" 2>&1 ||
        { $root apt-get update >"$log" 2>&1 &&
            $root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >>"$log" 2>&1; }; then
        rm -f "$log"
    else
        tail -n 3 "$log" >&2
        rm -f "$log"
        return 1
    fi
}

# The libraries WeasyPrint loads when it makes a PDF.
can_make_pdf() {
    "$VENV/bin/python" -I -S - <<'EOF' >/dev/null 2>&1
import ctypes, sys
mac = sys.platform == "darwin"
for name in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset"):
    ctypes.CDLL(f"lib{name}.0.dylib" if mac else f"lib{name}.so.0")
EOF
}

# Libraries for PDF. Without them everything else works, so this never stops a start.
install_pdf_libraries() {
    local brew="" install="apt-get install $PDF_PACKAGES"
    if [ "$(uname)" = Darwin ]; then
        install="brew install pango && brew install --cask font-inter"
        if command -v brew >/dev/null; then
            brew=$(brew --prefix)
            # Pythons that are not Homebrew's own do not look there.
            export DYLD_FALLBACK_LIBRARY_PATH="$brew/lib:${DYLD_FALLBACK_LIBRARY_PATH:-/usr/local/lib:/usr/lib}"
        fi
    fi
    if can_make_pdf; then return 0; fi
    if [ -n "$brew" ]; then
        say "Installing system packages for PDF: pango font-inter"
        brew install --quiet pango && { brew install --quiet --cask font-inter || true; } || true
    else
        # shellcheck disable=SC2086 # a list of packages
        install_system_packages "for PDF" $PDF_PACKAGES || true
    fi
    can_make_pdf || say "Without PDF: a system library is missing. To add it: $install"
}

# The programs that gather and compile texts.
can_translate() { command -v xgettext >/dev/null && command -v msgmerge >/dev/null && command -v msgfmt >/dev/null; }

# gettext, for whoever changes texts: the product itself runs on the compiled catalogs.
install_gettext() {
    if can_translate; then return 0; fi
    if [ "$(uname)" = Darwin ] && command -v brew >/dev/null; then
        say "Installing system packages for translating: gettext"
        brew install --quiet gettext || true
    else
        install_system_packages "for translating" gettext || true
    fi
}

# --- The server ----------------------------------------------------------------------------------------------

need_number() {
    case "$2" in
        "" | *[!0-9]*) fail "$1 needs a number, not '$2'." ;;
    esac
}

# Before the long work: something answering on the port would only be found out at its end.
need_free_port() {
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
        fail "Port $1 is taken: stop what uses it, or choose another: $ME --port $(($1 + 1))"
    fi
}

# Settings of a real installation must reach neither the demo nor a test.
forget_installation() {
    local name
    for name in DATABASE_URL REDIS_URL MAIL_URL SECRET_KEY; do unset "$name" "${name}_FILE"; done
    unset SITE_URL ALLOWED_HOSTS BEHIND_PROXY HSTS_SECONDS ROOT_KEY_FILE KEY_RING_FILE MAIL_FROM DEBUG DEMO OPEN_SIGNUP \
        VAR_DIR REDIS_KEY_PREFIX HEARTBEAT_SECONDS DJANGO_SETTINGS_MODULE
}
