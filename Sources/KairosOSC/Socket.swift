import Glibc

/// The system calls on sockets, without pointers. None of them blocks but ``poll(_:milliseconds:)``.
enum Socket {
    /// Switches an option on.
    static func enable(_ option: Int32, of socket: Int32, level: Int32) {
        var yes: Int32 = 1
        unsafe setsockopt(socket, level, option, &yes, 4)
    }

    /// Waits until a descriptor is ready, at most `milliseconds`.
    static func poll(_ descriptors: inout [pollfd], milliseconds: Int32) {
        let count = nfds_t(descriptors.count)
        unsafe Glibc.poll(&descriptors, count, milliseconds)
    }

    /// Accepts a connection. Returns its socket, or a negative number and sets `errno`.
    static func accept(_ listener: Int32) -> Int32 { Glibc.accept(listener, nil, nil) }

    /// Receives at most `count` bytes of a connection. Returns their number, 0 if the other side has closed it, or a
    /// negative number and sets `errno`.
    static func receive(_ socket: Int32, into buffer: inout [UInt8], atMost count: Int) -> Int {
        unsafe recv(socket, &buffer, min(count, buffer.count), Int32(MSG_DONTWAIT))
    }

    /// Sends bytes to a connection. Returns the number of those that were sent, or a negative number.
    static func send(_ bytes: [UInt8], to socket: Int32) -> Int {
        unsafe Glibc.send(socket, bytes, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    }

    /// The system's text for an error number.
    static func text(ofError number: Int32) -> String { unsafe String(cString: strerror(number)) }
}
