using System.CommandLine;
using RaftKv.Cli.Connection;

namespace RaftKv.Cli.Verbs.Tools;

/// <summary>Completion for shells: each script asks raftkvctl itself what may come next.</summary>
internal static class CompletionVerb
{
    private static readonly Dictionary<string, string> _scripts = new()
    {
        ["bash"] = """
            # raftkvctl for bash: source <(raftkvctl completion bash)
            _raftkvctl() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(raftkvctl "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _raftkvctl raftkvctl

            """,
        ["zsh"] = """
            #compdef raftkvctl
            # raftkvctl for zsh: source <(raftkvctl completion zsh)
            _raftkvctl() {
                local -a found
                found=("${(@f)$(raftkvctl "[suggest:${#BUFFER}]" "${BUFFER}" 2>/dev/null)}")
                compadd -- ${found:#} || _files
            }
            compdef _raftkvctl raftkvctl

            """,
        ["fish"] = """
            # raftkvctl for fish: raftkvctl completion fish | source
            function __raftkvctl
                set -l line (commandline -cp)
                raftkvctl "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete -c raftkvctl -a '(__raftkvctl)'

            """,
        ["powershell"] = """
            # raftkvctl for PowerShell: raftkvctl completion powershell | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName raftkvctl -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                raftkvctl "[suggest:$cursorPosition]" "$commandAst" 2>$null |
                    Where-Object { $_ -like "$wordToComplete*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }

            """,
    };

    public static Command Make(VerbFactory make)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or powershell" };
        shell.AcceptOnlyFromAmong([.. _scripts.Keys]);
        return make.Make(
            "completion", "Print the completion script of a shell.",
            ["source <(raftkvctl completion bash)", "raftkvctl completion fish | source"], [shell],
            run =>
            {
                run.Console.Out.Write(_scripts[run.Parse.GetRequiredValue(shell)]);
                return Task.FromResult(CtlExit.Ok);
            });
    }
}
