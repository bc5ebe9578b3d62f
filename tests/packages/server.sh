# For tests that start the program inside a root of its own; they source this file.

# Sets `entering`, a command that runs another in a root as a user: "enter ROOT [USER]".
enter() {
    local root=$1 user=${2-}
    if [ "$(id -u)" = 0 ]; then
        entering=(env -u WKSMOCK_BUILT chroot ${user:+--userspec "$user"} "$root")
    elif unshare --user --map-root-user true 2>/dev/null; then
        # Without root there is one user, which is root inside.
        entering=(env -u WKSMOCK_BUILT unshare --user --map-root-user chroot "$root")
    else
        echo "a root of its own needs root or user namespaces, and there are neither here"
        exit 77
    fi
}

# Starts a server by the command given, waits for the ready line, and sets `url` and `server`, its process. The rest of
# stdout can be read from file descriptor 3.
start_server() {
    local line
    exec 3< <(exec "$@")
    server=$!
    if ! read -r -t 60 line <&3 || [[ "$line" != "wksmock listening on "* ]]; then
        echo "not ready: ${line-}" >&2
        return 1
    fi
    url=${line#wksmock listening on }
    url=${url/0.0.0.0/127.0.0.1}
}

# Ends the server by SIGTERM, and checks its exit code.
stop_server() {
    local code=0
    kill -TERM "$server"
    wait "$server" || code=$?
    server=""
    exec 3<&-
    [ "$code" -eq 0 ] || { echo "the server ended with $code" >&2; return 1; }
}

# Copies the libraries of a program that is not the shipped one into a root, and checks that the shipped one has none.
libraries() {
    local program=$1 root=$2 library
    if ! ldd "$program" >/dev/null 2>&1 || ldd "$program" | grep -q "statically linked"; then
        return
    fi
    if [ "${WKSMOCK_BUILT:-target/packages/bin/wksmock}" -ef target/packages/bin/wksmock ]; then
        echo "the shipped program is not static:" >&2
        ldd "$program" >&2
        return 1
    fi
    echo "    WKSMOCK_BUILT is not static: its libraries are copied"
    ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
        install -D "$library" "$root$library"
    done
}

# Resets the password of the built-in user, and prints the answer.
reset() {
    curl -s --fail --max-time 10 -H "Content-Type: application/json" \
        "$1/v2/0bec5db98280d2d02fd6c00c2de791ce/users/8a2c3f9579d240820179d51e6caf0001/random-password"
}

# Runs the consumer on the server, and shows its report if it fails.
consume() {
    local said
    if ! said=$(python3 tests/packages/consumer.py "$@" 2>&1); then
        echo "$said" >&2
        return 1
    fi
}
