/// File names: the tests by which files of a folder are recognized, and all conversions between a path and the
/// name by which the file is addressed. [any]
public enum FileName {
    /// Extensions of a YAML file, in lower case.
    private static let yaml = [".yaml", ".yml"]
    /// Part of a set list's name before its extension.
    private static let setList = ".setlist"

    /// A file's name without folder and last extension: `my.bass` for `my.bass.yaml`. For a set list, without
    /// `.setlist.yaml`.
    public static func stem(_ path: String) -> String {
        let last = lastComponent(path)
        guard let dot = last.lastIndex(of: "."), dot != last.startIndex else { return String(last) }
        let stem = last[..<dot]
        guard isYAML(path), let inner = cut(String(stem), [setList]), !inner.isEmpty else {
            return String(stem)
        }
        return inner
    }

    /// True for a visible file that ends in `.yaml` or `.yml`, case-insensitive. Names that begin with `.`
    /// are excluded (editors' temporary files, and `._x.yaml`, which other systems write beside `x.yaml`), as
    /// are names that begin with `#`.
    public static func isYAML(_ path: String) -> Bool {
        isVisible(path) && cut(String(lastComponent(path)), yaml) != nil
    }

    /// True for a YAML file named `….setlist.yaml` or `….setlist.yml`.
    public static func isSetList(_ path: String) -> Bool {
        isYAML(path) && cut(String(lastComponent(path)), yaml).flatMap { cut($0, [setList]) } != nil
    }

    /// False for a name that begins with `.` or `#`.
    public static func isVisible(_ path: String) -> Bool {
        guard let first = lastComponent(path).first else { return false }
        return first != "." && first != "#"
    }

    /// True if a file's name ends with one of `endings`, case-insensitive. `endings` are in lower case and
    /// begin with a dot.
    public static func has(_ endings: [String], _ path: String) -> Bool {
        cut(String(lastComponent(path)), endings) != nil
    }

    /// A path's last component.
    private static func lastComponent(_ path: String) -> Substring {
        path.split(separator: "/").last ?? path[...]
    }

    /// `text` without the first of `endings` that matches; nil if none does.
    private static func cut(_ text: String, _ endings: [String]) -> String? {
        let lower = text.utf8.suffix(16).map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
        guard let ending = endings.first(where: { lower.suffix($0.utf8.count).elementsEqual($0.utf8) }) else {
            return nil
        }
        return String(text.utf8.dropLast(ending.utf8.count)) ?? text
    }
}
