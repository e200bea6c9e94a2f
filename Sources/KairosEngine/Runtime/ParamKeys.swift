/// The keys by which parameters are known outside their patch instance, whatever is edited around them.
public enum ParamKeys {
    /// The FNV-1a hash of `module.parameter`, 64 bits.
    public static func key(_ module: String, _ parameter: String) -> UInt64 {
        func hash(_ text: String, _ from: UInt64) -> UInt64 {
            text.utf8.reduce(from) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        }
        return hash(parameter, hash(".", hash(module, 0xcbf2_9ce4_8422_2325)))
    }
}

/// A parameter's key and its index in the patch instance. Tables of them are in the order of the keys.
struct ParamKey64: BitwiseCopyable {
    var key: UInt64
    var index: Int32
}
