import ArgumentParser

/// The completion script of a shell: the parser's own, extended for values that contain '=', ':' or
/// end in '/'.
struct CompletionScript {
    /// The script.
    let text: String

    /// The script that `--generate-completion-script [SHELL]` asks for, by default that of the current shell.
    /// Nil for other arguments. Throws ``UsageFault`` if there is no such shell.
    init?(_ arguments: [String]) throws {
        guard arguments.first == "--generate-completion-script", arguments.count <= 2 else { return nil }
        let name = arguments.dropFirst().first
        guard let shell = name.map(CompletionShell.init(rawValue:)) ?? .autodetected() else {
            throw UsageFault(
                "--generate-completion-script must be bash, zsh or fish"
                    + (name.map { ", not '\($0)'" } ?? ""))
        }
        let script = Kairos.completionScript(for: shell)
        switch shell {
        // If a later version of the parser has other lines, the tests of the shells fail.
        case .bash: text = script.replacing(Self.bashCommand, with: Self.bash)
        case .zsh: text = Self.takingEquals(script.replacing(Self.zshWords, with: Self.zsh))
        default: text = script
        }
    }

    /// The script for zsh, with '--mapping=nano' completed like '--mapping nano': an option that takes a value is
    /// declared as `'--mapping=[…]:name:…'`.
    private static func takingEquals(_ script: String) -> String {
        script.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let isOption = line.contains(/^ *'\*?--[a-z-]+\[/) && !line.hasSuffix("]'")
            guard isOption, let bracket = line.firstIndex(of: "[") else { return String(line) }
            return line[..<bracket] + "=" + line[bracket...]
        }.joined(separator: "\n")
    }

    /// The command with which the parser's script registers its function in Bash.
    private static let bashCommand = "complete -o filenames -F _kairos kairos"

    /// A function in front of the parser's. Bash splits words at '=' and ':', also within --patch=NAME and
    /// alsa:hw:1; the function joins them, and separates an option from its value.
    private static let bash = #"""
        _kairos_joined() {
            local -a words=()
            local -i i cword=0
            local rest=${COMP_LINE} word
            for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
                word=${COMP_WORDS[i]}
                if ((i > 0)) && [[ ${rest} != [[:space:]]* && (${word} == [=:]* || ${COMP_WORDS[i - 1]} == *[=:]) ]]; then
                    words[${#words[@]} - 1]+=${word}
                else
                    words+=("${word}")
                fi
                ((i == COMP_CWORD)) && cword=$((${#words[@]} - 1))
                rest=${rest#"${rest%%[![:space:]]*}"}
                rest=${rest#"${word}"}
            done
            # Nothing behind the cursor counts.
            words=("${words[@]::cword + 1}")
            if [[ ${words[cword]} == --*=* ]]; then
                words=("${words[@]::cword}" "${words[cword]%%=*}" "${words[cword]#*=}")
                cword+=1
            fi
            local -r current=${words[cword]} previous=${words[cword - 1]}
            local -a COMP_WORDS=("${words[@]}")
            local -i COMP_CWORD=${cword}
            _kairos "${1}" "${current}" "${previous}"
            # Bash replaces only what follows the last colon.
            if [[ ${COMP_WORDBREAKS} == *:* && ${current} == *:* ]]; then
                COMPREPLY=("${COMPREPLY[@]#"${current%:*}:"}")
            fi
            # A folder, and a patch whose parameter follows, are not the end of the word.
            [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace
            return 0
        }
        complete -o filenames -F _kairos_joined kairos
        """#

    /// The command with which the parser's script offers words in zsh.
    private static let zshWords = #"_describe -V '' non_empty_completions -- empty_completions -P $'\'\''"#

    /// The same; no space is added to a word that ends in '/'.
    private static let zsh = #"""
        local -ar unfinished=("${(M)non_empty_completions[@]:#*/(|:*)}")
            local -ar finished=("${non_empty_completions[@]:#*/(|:*)}")
            _describe -V '' finished -- unfinished -S '' -- empty_completions -P $'\'\''
        """#
}
