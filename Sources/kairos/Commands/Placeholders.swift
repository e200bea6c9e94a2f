import ArgumentParser
struct Play: ParsableCommand { func run() throws {} }
struct Ports: ParsableCommand { func run() throws {} }
struct Monitor: ParsableCommand { func run() throws {} }
struct Bench: ParsableCommand { func run() throws {} }
