#include "mcp/actions/program_rule.h"

#include <array>

namespace atlasjob::mcp {

namespace {

constexpr unsigned kTool = reads_mixed | reads_data | reads_ambiguous;

constexpr std::array kRules = std::to_array<ProgramRule>({
    {"find|gfind",
     "-exec> -execdir> -ok> -okdir> -name: -iname: -path: -ipath: -wholename: -iwholename: -regex: "
     "-iregex: -regextype: -lname: -ilname: -type: -xtype: -size: -perm: -user: -group: -uid: "
     "-gid: "
     "-mtime: -mmin: -atime: -amin: -ctime: -cmin: -newer: -anewer: -cnewer: -newermt: -newerct: "
     "-newerat: -samefile: -inum: -links: -fstype: -context: -used: -mindepth: -maxdepth: -printf: "
     "-fprint: -fprint0: -fls: -fprintf:2 -files0-from! -D: -delete -print -print0 -ls -prune "
     "-quit "
     "-depth -empty -executable -readable -writable -follow -mount -xdev -daystart -noleaf -nouser "
     "-nogroup -true -false -not -and -or -a -o -H -L -P",
     "data*",
     {},
     reads_words | reads_mixed | reads_ambiguous},
    {"fd|fdfind", "-x> --exec> -X> --exec-batch> -e: -t: -d: -g -H -I", "data*", {}, kTool},

    // A caller who chooses git's directory, settings or pager chooses what it runs.
    {"git|hub|jj",
     "-c% -C! --exec-path! --git-dir! --work-tree! --config-env! --namespace: --super-prefix: "
     "--upload-pack! --receive-pack! --exec! --template! --config! --ext-diff --textconv "
     "--open-files-in-pager! -O! -u! -p -P -m: -F: -b: -B: -n: -S: -G: -U: --message: --author: "
     "--date: --branch: --depth: --origin: --since: --until: --after: --before: --grep: --format: "
     "--pretty: --max-count: --no-pager --paginate --bare --all --oneline -q --quiet -v --verbose "
     "-a "
     "-f --force",
     "sub data*",
     {},
     kTool},
    {"git submodule|git bisect|git stash|git notes|git worktree",
     "-q --quiet",
     "sub data*",
     {},
     kTool},
    {"git submodule foreach", "--recursive", "code*"},
    {"git bisect run", "", "command"},
    {"git rebase", "-x! --exec! -i -s! --strategy! -X! --onto: --root -q", "data*", {}, kTool},
    {"git filter-branch|git difftool|git mergetool|git send-email|git config|git daemon|git svn|"
     "git remote-ext|git upload-pack|git receive-pack|git shell|git credential|git instaweb|git "
     "web--browse|"
     "git var|git for-each-repo|git hook|git maintenance|git p4|git cvsserver|git archimport|git "
     "help",
     "",
     "code*",
     {},
     kTool},
    {"hg|svn|bzr|cvs|fossil|p4|darcs|rcs",
     "--config! --config-option! --config-dir! --diff-cmd! --editor-cmd! --diff3-cmd! --tool! -e! "
     "-d! "
     "-R! --repository! --cwd! --rsh! --ssh! -m: --message: -r: -u: --username:",
     "sub data*",
     {},
     kTool},

    // Build tools run what their files, targets and variables define.
    {"make|gmake|bmake|remake|nmake|dmake|just|rake|task|invoke|inv|ant|mvn|mvnw|gradle|gradlew|"
     "sbt|bazel|"
     "bazelisk|buck|pants|meson|scons|waf|tox|nox|cmake|ctest|cpack|configure|msbuild|xcodebuild|"
     "grunt|"
     "gulp|doit|mage|tup|redo|snakemake|nextflow|jam|premake|xmake|autoreconf",
     "-j? -l? -k -B -s -n -i -w -q -r -R -t --jobs? --load-average? --keep-going --silent --quiet "
     "--always-make --dry-run",
     "code*",
     {},
     reads_mixed | reads_ambiguous},
    {"ninja|samu", "-C! -f! -t! -d: -j: -k: -l: -w: -n -v", "data*", {}, kTool},
    {"gcc|g++|cc|c++|clang|clang++|gfortran|tcc|ld|gold|lld|as|rustc|nvcc|icc",
     "-wrapper! -fplugin! -specs! -B! -load! -Xclang! -l! -L! -T! -I! -include! -o: -x: -c -S -E",
     "data*",
     {},
     reads_words | kTool},
    {"go|cargo|npm|pnpm|yarn|pip|pipx|uv|poetry|pipenv|bundle|bundler|hatch|rye|pdm|conda|mamba|"
     "micromamba|"
     "composer|mix|gem|cabal|nix|guix|brew|rustup|spack|helm",
     "--script-shell! --prefix! -C! --config! --manifest-path! --target-dir! -n: --name: -q -v "
     "--silent --verbose",
     "sub data*",
     {},
     kTool},
    {"go run|go generate|go test|go tool|go vet|go build|go install",
     "-exec! -toolexec! -overlay! -modfile! -C! -ldflags! -gcflags!",
     "program data*",
     {},
     reads_words},
    {"cargo run|cargo test|cargo bench|cargo install|npm run|npm run-script|npm start|npm test|npm "
     "explore|"
     "pnpm run|pnpm start|yarn run|composer run|composer run-script|composer exec|mix run|mix eval|"
     "npm config|npm set|yarn config|pnpm config|nix run|nix develop|nix shell|nix eval|guix shell|"
     "guix environment|helm plugin|gem exec|cabal run|cabal exec|mix do|mix test|pip config",
     "-c! -e! --call! --command! --script-shell! --config! --bin: -p: --package:",
     "program code*",
     {},
     reads_mixed},
    {"npx|bunx|pnpx|npm exec|npm x|pnpm exec|pnpm dlx|yarn exec|yarn dlx|yarn node|uvx|uv run|uv "
     "tool|"
     "pipx run|poetry run|pipenv run|bundle exec|bundler exec|hatch run|rye run|pdm run",
     "-c! --call! -p! --package! --from! --with! --python! --spec! --env-file! --directory! "
     "--project! "
     "-y -q --yes --quiet",
     "command"},
    {"conda run|mamba run|micromamba run",
     "-n! -p! --name! --prefix! --cwd! -v --no-capture-output --live-stream", "command"},
    {"nix-shell|nix-build|nix-instantiate|guix repl", "", "code*"},

    // Containers. The image determines what runs; the words after it are a command.
    {"docker|podman|nerdctl|kubectl|oc|crictl|lxc|incus|buildah|nomad|k9s|microk8s|k3s",
     "-H: --host: -l: --log-level: --config! --kubeconfig! -c: --context: -n: --namespace: "
     "--cluster: "
     "--user: -s: --server: --token: -f! --filename! -k! --kustomize! -l: --selector: -o: "
     "--output: -D "
     "--debug --tls --tlsverify -A --all -q --quiet -a",
     "sub data*",
     {},
     kTool},
    {"docker container|podman container|nerdctl container|docker compose|podman compose|nerdctl "
     "compose|"
     "docker-compose|podman-compose|docker buildx|docker image|docker volume|docker network|docker "
     "system",
     "-f! --file! --env-file! --project-directory! -p: --project-name: --profile: --ansi: "
     "--progress:",
     "sub data*",
     {},
     kTool},
    {"docker exec|podman exec|nerdctl exec|docker container exec|podman container exec|crictl "
     "exec|lxc exec|"
     "incus exec|docker compose exec|docker-compose exec|podman compose exec|podman-compose exec|"
     "nomad alloc exec|nerdctl compose exec|nerdctl container exec",
     "-e= --env= --env-file! -u! --user! -w! --workdir! --cwd! --group! -d -i -t -T -l -n -s -r -q "
     "--detach --interactive --tty --privileged --index: --detach-keys: --timeout:",
     "data command"},
    {"docker run|podman run|nerdctl run|docker create|podman create|docker container run|"
     "docker container create|podman container run|podman container create|nerdctl create|"
     "docker compose run|docker-compose run|podman compose run|podman-compose run",
     "--entrypoint!* -e= --env= --env-file! -u! --user! -w! --workdir! -v! --volume! "
     "--volumes-from! "
     "--mount! --device! --cap-add! --security-opt! --runtime! --pid! --ipc! --userns! --add-host: "
     "--name: --network: --net: -p: --publish: -P -l: --label: -m: --memory: --cpus: -c: "
     "--cpu-shares: -h: --hostname: --restart: --platform: --pull: -a: --attach: --log-driver: "
     "--stop-signal: --shm-size: --tmpfs: --ulimit: --gpus: --ip: --dns: -d -i -t -T -q --rm "
     "--init "
     "--detach --interactive --tty --privileged --read-only --no-deps --service-ports "
     "--publish-all",
     "program command", "program code*"},
    {"docker build|podman build|docker buildx build|docker image build|nerdctl build|buildah bud|"
     "buildah build|buildah run|docker import|docker load|docker plugin|podman play|podman kube|"
     "docker stack|docker service|docker swarm|docker config|docker context|nomad job|nomad "
     "run|docker buildx bake",
     "-t: --tag: -q --no-cache --pull --platform:",
     "code*",
     {},
     reads_mixed},
    {"kubectl exec|oc exec|oc rsh|microk8s kubectl exec|k3s kubectl exec",
     "-c: --container: -n: --namespace: --context: --cluster: --user: -s: --server: --token: "
     "--kubeconfig! -f! --filename! --pod-running-timeout: -i -t --stdin --tty -q --quiet",
     "data command",
     {},
     reads_mixed},
    {"kubectl run|kubectl debug|kubectl create|kubectl apply|kubectl replace|kubectl patch|kubectl "
     "edit|"
     "kubectl set|kubectl plugin|kubectl config|kubectl proxy|kubectl cp|oc run|oc new-app|oc "
     "create|"
     "oc apply|oc debug|oc process|kubectl kustomize|helm install|helm upgrade|helm template",
     "-n: --namespace: --context: -o: --dry-run? -q --quiet",
     "code*",
     {},
     reads_mixed},
    {"microk8s kubectl|k3s kubectl|nomad alloc", "", "sub data*", {}, kTool},

    // Archivers and copy programs that can run a command for each file or to connect.
    {"tar|gtar|bsdtar|star|pax",
     "-I! -F! --use-compress-program! --checkpoint-action! --to-command! --info-script! "
     "--new-volume-script! --rsh-command! --rmt-command! -C: --directory: -f: --file: -T: "
     "--files-from: -X: --exclude-from: --exclude: --transform! --xform! -s! -g: -b: -H: -L: -N: "
     "-V: "
     "-K: --checkpoint? --owner: --group: --mode: --mtime: -c -x -t -r -u -d -A -z -j -J -Z -a -v "
     "-k "
     "-p -P -O -S -w -W -l -h -m -o -M -R -i -n -U --create --extract --list --gzip --bzip2 --xz "
     "--zstd --verbose --null --no-recursion --sparse",
     "letters data*",
     {},
     kTool},
    {"cpio",
     "-F! --file! -H: --format: --rsh-command! -I! -O! -M: -R: -D: -E:",
     "data*",
     {},
     kTool},
    {"rsync|rclone|unison|duplicity|restic|borg|rdiff-backup|lftp|rsnapshot",
     "-e! --rsh! --rsync-path! -M! --remote-option! --early-input! --password-command! --rcfile! "
     "-c! "
     "--sshcmd! --ssh! --remote-schema! --config! -f: --filter: --exclude: --include: "
     "--exclude-from: "
     "--include-from: --files-from: -T: -B: --bwlimit: --timeout: --port: --log-file: "
     "--out-format: "
     "--backup-dir: --suffix: --chmod: --chown: --compare-dest: --link-dest: --info: --debug: -a "
     "-v -r "
     "-l -p -t -g -o -D -H -A -X -S -n -z -u -q -x -W -h -i -P -R -L -d -b --archive --delete "
     "--recursive --verbose --dry-run --compress --progress --partial --stats",
     "data*",
     {},
     kTool},
    {"scp|sftp|ftp|tftp|smbclient",
     "-S! -o! -F! -D! -J! -b! -c! -s! -i: -l: -P: -X: -B -r -p -q -v -C -4 -6 -3 -T -O",
     "data*",
     {},
     kTool},
    {"zip|unzip|7z|7za|rar|zipnote|arj",
     "-TT! --unzip-command! -T -r -q -j -u -d -9 -x: -i:",
     "data*",
     {},
     kTool},
    {"sort|gsort|split|gsplit|csplit|shuf",
     "--compress-program! --filter! -T: -S: -k: -t: -o: -n -r -u -b -f -a: -l: -C: -d -x",
     "data*",
     {},
     kTool},
    {"wget|wget2|curl|aria2c|httpie|yt-dlp|youtube-dl",
     "-K! --config! --use-askpass! -e! --execute! --exec! --exec-before-download! --netrc-cmd! "
     "--on-download-complete! --on-download-start! --on-download-stop! --conf-path! "
     "--config-location! "
     "--plugin-dirs! --downloader! --external-downloader! -o: -O: -d: -H: -X: -u: -A: -b: -F: -T: "
     "-P: "
     "-U: --data: --data-raw: --data-binary: --header: --request: --url: --output: --user: --form: "
     "--max-time: -m: -L -s -S -f -q -v -k -i -I -G -N -c -r --silent --fail --location "
     "--show-error",
     "data*",
     {},
     kTool},
    {"apt|apt-get|aptitude|dpkg|dnf|yum|rpm|zypper|apk|pacman|emerge|dpkg-deb|alien|checkinstall",
     "-o! --option! -c! --config-file! --pre-invoke! --post-invoke! --status-logger! --root! "
     "--instdir! "
     "--admindir! --eval! -E! --define! -D! --pipe! --dbpath! --config! --setopt! --installroot! "
     "-q -y "
     "-t: --yes --quiet",
     "sub data*",
     {},
     kTool},
    {"tcpdump|tshark|dumpcap",
     "-z! -X! -r: -w: -i: -c: -s: -C: -W: -G: -n -v -q",
     "data*",
     {},
     kTool},
    {"ansible-playbook|ansible-pull|ansible-console", "", "code*", {}, kTool},
    // A file name that begins with | is a command.
    {"convert|magick|mogrify|identify|gs|ghostscript|dvips|latex|pdflatex|xelatex|lualatex|tex|"
     "groff|troff|"
     "pandoc|ps2pdf|asciidoctor|sphinx-build|gimp|blender|inkscape|libreoffice|soffice",
     "-e! -E! -F! -L! --filter! --lua-filter! -shell-escape --shell-escape -c! -b! -f: -t: -o: "
     "-sOutputFile: -sDEVICE:",
     "data*",
     {},
     reads_words | kTool},
});

}  // namespace

std::span<const ProgramRule> tool_rules() {
    return kRules;
}

}  // namespace atlasjob::mcp
