# For jobs: . "$REPO/Tests/Machine/guest.sh"
# shellcheck shell=bash
set -euo pipefail
PATH=$MACHINE_BIN:$PATH

# wait_for COMMAND...: until it succeeds, two minutes of the guest's clock at least. That clock runs on while a
# process waits for the host.
wait_for() {
    local attempt
    for ((attempt = 0; attempt < 2400; attempt++)); do
        if "$@" &> /dev/null; then return; fi
        sleep 0.05
    done
    echo "never came true: $*" >&2
    return 1
}

# warm PROGRAM...: reads programs and their libraries now, not in the middle of
# a measurement: while a process waits for the host, the guest's clock runs on.
warm() {
    local program
    for program; do
        program=$(command -v "$program")
        { echo "$program"; ldd "$program" | grep -o "/[^ ]*"; } | xargs cat > /dev/null
    done
}

# start_jack [FRAMES]: a JACK server without a sound card, at 48 kHz.
start_jack() {
    warm jackd jack_lsp "$MACHINE_BIN"/* aconnect sleep grep cat mkdir
    # Few ports, because everybody locks the memory of all.
    steady jackd -P 60 -p 128 -d dummy -r 48000 -p "${1:-64}" &> "$RESULTS/jackd.log" &
    wait_for jack_lsp
    # Its clock settles: latencies measured before would be the clock's.
    sleep 3
}
