#include "mcp/actions/program_rule.h"

#include <array>

namespace atlasjob::mcp {

namespace {

constexpr std::array kRules = std::to_array<ProgramRule>({
    // Shells. The script is the first operand if -c is among the options.
    {"sh|bash|rbash|dash|ash|zsh|rzsh|ksh|rksh|ksh93|mksh|lksh|pdksh|oksh|loksh|yash|posh|osh|bosh|"
     "csh|tcsh|bsh",
     "-c* -s~ --command!~ --rcfile! --init-file! --emulate! -o! -O! +o! +O! --norc --noprofile "
     "--posix --login --restricted --verbose --interactive --debugger --noediting --help --version",
     "code data*", "code data data*", reads_as_shell},
    {"fish",
     "-c!~ -C! --command!~ --init-command! -i -l -n -N -P -p! --profile! --profile-startup! -d: "
     "-D: "
     "-f: -o: --features: --debug: --debug-output: --interactive --login --no-execute --no-config "
     "--private",
     "code data*"},
    {"elvish|ion|murex|oil|ysh", "-c!~ -rc! -norc -i", "code data*", {}, reads_ambiguous},
    {"nu",
     "-c!~ --commands!~ -e! --execute! --config! --env-config! -I! -m: -n -i -l",
     "code data*",
     {},
     reads_ambiguous},
    {"xonsh", "-c!~ -D= --rc! -i -l --no-rc --no-env", "code data*"},
    {"rc|es|akanga", "-c!$ -l -s -e -x -i -p -d", "code data*", {}, reads_ambiguous},
    {"pwsh|powershell",
     "-File!$ -file!$ -f!$ -NoProfile -NonInteractive -NoLogo",
     "code*",
     {},
     reads_words},

    // Languages. "~" after a script option: the remaining operands are data for the script. Options
    // may follow a script, so a value could be read as one.
    {"python|pypy|pythonw|jython|micropython|graalpy|ipython|bpython",
     "-b -B -d -E -h -i -I -O -OO -P -q -s -S -u -v -V -x -W! -X! -c!$ -m@ "
     "--check-hash-based-pycs:",
     "code data*"},
    {"python -m timeit|pypy -m timeit",
     "-n: -r: -u: -s! -p -v --number: --repeat: --unit: --setup! --process --verbose", "code*"},
    {"python -m pdb|pypy -m pdb|pdb", "-c! -m! --command!", "code data*"},
    {"python -m cProfile|python -m profile|pypy -m cProfile", "-o: -s: -m!~", "code data*"},
    {"python -m trace", "-f: -C: -c -t -l -T -r -m -s -g --file: --coverdir: --module",
     "code data*"},
    {"python -m runpy|python -m code|python -m zipapp", "-o: -p! -m! -c", "code data*"},
    {"python -m unittest|python -m doctest|python -m pytest|pytest|py.test|python -m nose|trial",
     "-q -v -x -s --pattern! -p! -c! --maxfail:",
     "code*",
     {},
     reads_mixed},
    {"python -m coverage|coverage", "", "sub data*", {}, reads_ambiguous},
    {"python -m coverage run|coverage run", "-m! -p -a --source: --rcfile! --branch", "code data*"},
    // -n and -p open their operands as files, where "command|" runs a command.
    {"perl",
     "-e!~ -E!~ -n* -p* -f -a -c -h -l -g -s -S -t -T -u -U -v -w -W -X -F! -I! -M! -m! -x?",
     "code data*", "code*"},
    {"ruby|jruby|truffleruby|mruby|irb|pry",
     "-e!~ -r! -I! -C! -F! -X! -E: -n* -p* -l -a -c -h -s -S! -d -v -w -y --verbose --version "
     "--encoding:",
     "code data*", "code*"},
    {"node|nodejs|iojs",
     "-e!~ --eval!~ -p!~ --print!~ -pe!~ -r! --require! --import! --loader! --experimental-loader! "
     "--env-file! --run! -C! --conditions! --input-type: --title: --max-old-space-size: "
     "-i -c --check --test --watch --no-warnings --trace-warnings --expose-gc",
     "sub data*",
     {},
     reads_ambiguous},
    {"node inspect|nodejs inspect", "", "code data*"},
    {"deno", "", "sub data*"},
    {"deno eval", "-p --print --ext: -T --ts", "code data*"},
    {"deno repl", "--eval! --eval-file!", "code*"},
    {"deno run|deno test|deno bench|deno serve|deno task|deno x",
     "-c! --config! --import-map! --preload! --cwd! -A -q -r --allow-all --unstable", "code data*"},
    {"bun|tsx|ts-node|esno", "-e!~ --eval!~ -p!~ --print!~ -r! --preload! --require! --cwd! -b",
     "sub data*"},
    {"bun run|bun x|bun exec|bun test", "--cwd! -e! --preload!", "code data*"},
    {"php|php-cgi|hhvm",
     "-r!~ -R!~ -B! -E! -f!~ -F!~ -d! -c! -z! -t! -S: -a -C -e -H -i -l -m -n -q -s -v -w --rf: "
     "--ini",
     "code data*"},
    {"lua|luajit|luau|texlua", "-e! -l! -b! -j! -O? -i -v -E -W", "code data*"},
    {"tclsh|wish|jimsh|expect|expectk|autoexpect",
     "-c! -f! -b! -i -d -N -n -encoding: ",
     "code data*",
     {},
     reads_ambiguous},
    {"R",
     "-e! -f! --file! --args$ -q -s --vanilla --slave --no-save --no-restore --quiet",
     "code*",
     {},
     reads_ambiguous},
    {"Rscript|littler", "-e!~ --default-packages! --vanilla --verbose --no-environ -i -q",
     "code data*"},
    {"julia",
     "-e!~ -E!~ -L! -J! --eval!~ --print!~ --load! --sysimage! --project! -p: -t: --threads: "
     "--procs: -q -i --startup-file:",
     "code data*"},
    {"elixir|iex",
     "-e!~ --eval!~ -r! -pr! -pa! -pz! -S! --erl! --rpc-eval!2 --cookie: --name:", "code data*"},
    {"erl|escript|werl", "", "code*"},
    {"guile", "-c!$ -s!$ -e! -l! -L! -C! -x! -q --no-auto-compile", "code data*"},
    {"racket|gracket|mzscheme|scheme|csi|gsi|chez|petite|gosh",
     "-e! -f! -t! -l! -p! -r!$ -u!$ -k! -m --eval! --load! --require! --script!$", "code data*"},
    {"sbcl|clisp|ecl|ccl|abcl|gcl|clojure|clj|bb|lein|swipl|gprolog|yap|gst|maxima|gap|sage|magma",
     "--script!$", "code*"},
    {"java|javaw|jshell",
     "-jar!$ -m!$ --module!$ -cp! -classpath! --class-path! -p! --module-path! --source: -version",
     "code data*",
     {},
     reads_words},
    {"groovy|scala|kotlin|dart|crystal|ghc|runghc|runhaskell|stack|ocaml|ocamlrun|io|janet|nim|"
     "raku|perl6|rakudo|moar|octave|octave-cli|matlab|scilab|haxe|v|zig|swift|coffee|lsc|osascript|"
     "wine|mono|dotnet|cscript|wscript|rexx|regina|pike|icon|newlisp|picolisp|fennel|hy",
     "-e!~ --eval!~ --execute! -r! -c! -i! -l! -f! -g! -t! -s! --load! --require!",
     "code data*",
     {},
     reads_ambiguous},
    {"gnuplot", "-e! -c!$ -d -p -s", "code*"},
    {"gdb|lldb|cgdb|rr",
     "-ex! -iex! -eval-command! -init-eval-command! --eval-command! --ex! --iex! -x! -ix! "
     "-command! "
     "--command! -init-command! -o! -O! -s! -S! -cd! --cd! -d! -pid: -p: -c: -core: -tty: -q "
     "-quiet "
     "-batch --batch -nx -nh -n --nx --args* -args*",
     "program data*", "command", reads_words},

    // Programs whose operand is a script.
    {"awk|gawk|mawk|nawk|original-awk|igawk|bwk|goawk",
     "-f!~ --file!~ -e!~ --source!~ -i! --include! -l! --load! -E!$ --exec!$ -v: --assign: -F: "
     "--field-separator: -W! -b -c -C -g -M -n -N -O -P -r -s -S -t -V --csv --posix --re-interval "
     "--sandbox",
     "code data*"},
    {"sed|gsed|ssed",
     "-e!~ --expression!~ -f!~ --file!~ -n -E -r -s -u -z -i? -l: --line-length: --in-place? "
     "--quiet "
     "--silent --debug --null-data --zero-terminated --posix --regexp-extended --separate "
     "--sandbox "
     "--follow-symlinks --unbuffered",
     "code data*",
     {},
     reads_mixed},
    {"jq|gojq|jaq|yq|xq|dasel|jo|mlr",
     "-f!~ --from-file!~ -L! --arg:2 --argjson:2 --slurpfile:2 --rawfile:2 --argfile:2 --args "
     "--jsonargs --indent: --tab -r -c -n -s -e -S -j -a -C -M -R --raw-output --compact-output "
     "--null-input --slurp --exit-status --sort-keys --join-output --raw-input --stream --seq",
     "code data*",
     {},
     reads_mixed | reads_ambiguous},
    {"bc",
     "-e! --expression! -f! --file! -I: -O: -E: -S: -l -q -s -w -i -h -v",
     "code*",
     {},
     reads_mixed},
    {"dc", "-e! --expression! -f! --file!", "code*", {}, reads_mixed},
    {"m4|gm4|cpp", "-P -E -g -s -Q", "code*", {}, reads_mixed},

    // Editors and pagers that run commands: "+command", "!command", modelines.
    {"vi|vim|nvim|gvim|rvim|view|rview|vimdiff|ex|elvis|nvi|vim.tiny|vim.basic",
     "-c! -S! -s! -u! -U! -i! -w! -W! -l! -t! -q! -T: --cmd! --startuptime: --listen! --server! -R "
     "-n -b -e -E -es -Es -N -C -Z -M -m -v -d -V? -o? -O? -p? -r? --noplugin --clean --headless "
     "--not-a-term",
     "data*",
     {},
     reads_mixed | reads_ambiguous},
    {"emacs|emacsclient|xemacs|jed|mg|zile",
     "-e! -l! -f! -x! -u! -L! --eval! --execute! --load! --funcall! --script!~ --user! "
     "--init-directory! "
     "-Q -q --batch -batch -nw -c -t -n",
     "data*",
     {},
     reads_mixed},
    {"ed|red", "-p: --prompt: -s -E -G -l -r -v", "code*", {}, reads_ambiguous},
    {"less|more|most|pg|zless|zmore",
     "-k! -t! -T! -o: -O: -P: -p: -b: -h: -j: -x: -y: -z: -E -e -F -f -G -I -i -J -K -L -M -m -N "
     "-n "
     "-Q -q -R -r -S -s -U -u -V -W -w -X --lesskey-file! --lesskey-src!",
     "data*",
     {},
     reads_mixed | reads_ambiguous},
    {"man|apropos|whatis",
     "-P! --pager! -H! --html! -C! --config-file! -M! --manpath! -T? -l -K -k -f -a -w -L: -m: -s: "
     "-S: -e: -E: -p: -r:",
     "data*",
     {},
     reads_mixed | reads_ambiguous},

    // Database clients, which run their input and have commands that start programs.
    {"psql|pgcli|createdb|vacuumdb",
     "-c! --command! -f! --file! -o! --output! -v: --set: --variable: -d: --dbname: -h: --host: "
     "-p: "
     "--port: -U: --username: -F: -R: -P: -T: -L: --log-file: -1 -A -a -b -e -E -H -l -n -q -s -S "
     "-t "
     "-w -W -x -X -z -0 --csv --no-psqlrc --quiet --tuples-only --no-align --single-transaction",
     "data data code*",
     {},
     reads_mixed},
    {"mysql|mariadb|mycli",
     "-e! --execute! --init-command! --defaults-file! --defaults-extra-file! --pager! --tee! "
     "--plugin-dir! -h: --host: -P: --port: -u: --user: -p? --password? -D: --database: -S: -B -N "
     "-r "
     "-s -t -v -f -q --batch --skip-column-names",
     "data code*",
     {},
     reads_mixed},
    {"sqlite|sqlcipher|litecli|duckdb",
     "-cmd! -init! -c! -s! -f! -separator: -nullvalue: -newline: -vfs: -mmap: -lookaside:2 -batch "
     "-bail -csv -json -line -list -column -html -table -box -markdown -quote -header -noheader "
     "-readonly -interactive -echo -safe -version",
     "data code*",
     {},
     reads_words | reads_mixed},
    {"mongosh|mongo",
     "--eval! --file! -f! --host: --port: -u: -p? --quiet --norc",
     "data code*",
     {},
     reads_mixed | reads_ambiguous},
    {"redis-cli|valkey-cli|keydb-cli",
     "--eval! --functions-rdb: -h: -p: -a: -n: -u: -x -r: -i: --raw --csv --user: --pass:",
     "sub data*"},
    {"redis-cli EVAL|redis-cli eval|redis-cli FUNCTION|redis-cli function|redis-cli SCRIPT|"
     "redis-cli script|redis-cli MODULE|redis-cli module|redis-cli CONFIG|redis-cli config",
     "", "code*"},
    {"cqlsh|clickhouse|clickhouse-client|sqlplus|sqlcmd|isql|osql|bq|influx|cypher-shell",
     "-e! -f! -q! -Q! -i! --execute! --file! --query! --queries-file!",
     "code*",
     {},
     reads_mixed},
});

}  // namespace

std::span<const ProgramRule> interpreter_rules() {
    return kRules;
}

}  // namespace atlasjob::mcp
