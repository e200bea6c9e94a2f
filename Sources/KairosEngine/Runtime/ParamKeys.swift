/// Keys of parameters for code outside of a patch instance. A live edit of other parameters does not change them.
public enum ParamKeys {
    /// Hash of `module.parameter`: FNV-1a with 64 bits. [any]
    public static func key(_ module: String, _ parameter: String) -> UInt64 {
        func hash(_ text: String, _ from: UInt64) -> UInt64 {
            text.utf8.reduce(from) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        }
        return hash(parameter, hash(".", hash(module, 0xcbf2_9ce4_8422_2325)))
    }
}
