package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// place is where a server runs: its binaries, its data and the user it runs as (nil: our own).
type place struct {
	bin, data string
	user      *account
}

// movedFile stands in the wanted data folder when the data had to live elsewhere, and names that place. When somebody
// deletes the wanted folder, the file goes with it, and the data that it pointed to are then started anew.
const movedFile = "data-is-in"

// settle finds a place where PostgreSQL can run. It refuses to run as root, so root's server runs as an unprivileged
// account; what that account cannot reach (a folder below a 0700 home) is put into a folder of its own.
func settle(ctx context.Context, bin, data string) (place, error) {
	if !exists(filepath.Join(bin, "postgres")) {
		return place{}, fmt.Errorf("no PostgreSQL binaries in %q: `make install` puts them into local/postgres/.venv, or name their folder with BACKSTOP_PG_BIN", bin)
	}
	bin, err := filepath.Abs(bin)
	if err != nil {
		return place{}, fmt.Errorf("resolve %s: %w", bin, err)
	}
	data, err = filepath.Abs(data)
	if err != nil {
		return place{}, fmt.Errorf("resolve %s: %w", data, err)
	}
	if os.Geteuid() != 0 {
		return place{bin: bin, data: data}, makeFolder(data, nil)
	}
	user, err := unprivileged()
	if err != nil {
		return place{}, err
	}
	if bin, err = reachableBinaries(ctx, bin, user); err != nil {
		return place{}, err
	}
	if data, err = reachableData(ctx, data, user); err != nil {
		return place{}, err
	}
	return place{bin: bin, data: data, user: user}, nil
}

func reachableData(ctx context.Context, wanted string, user *account) (string, error) {
	if err := makeFolder(wanted, user); err != nil {
		return "", err
	}
	if user.can(ctx, "-w", wanted) {
		return wanted, nil
	}
	data, note := elsewhere(wanted), filepath.Join(wanted, movedFile)
	if !exists(note) {
		if err := os.RemoveAll(data); err != nil {
			return "", fmt.Errorf("clear old data: %w", err)
		}
	}
	if err := makeFolder(data, user); err != nil {
		return "", err
	}
	if err := os.WriteFile(note, []byte(data+"\n"), 0o644); err != nil {
		return "", fmt.Errorf("note where the data are: %w", err)
	}
	return data, nil
}

// reachableBinaries copies the installation (the folder above bin, and the shared libraries that a wheel keeps two
// folders above it) when the account cannot run it in place.
func reachableBinaries(ctx context.Context, bin string, user *account) (string, error) {
	if user.can(ctx, "-x", filepath.Join(bin, "postgres")) {
		return bin, nil
	}
	install := filepath.Dir(bin)
	root := elsewhere(install)
	parent := filepath.Join(root, filepath.Base(filepath.Dir(install)))
	copied := filepath.Join(parent, filepath.Base(install))
	if !exists(filepath.Join(root, "complete")) {
		if err := copyInstallation(install, root, copied); err != nil {
			return "", fmt.Errorf("copy PostgreSQL to where %s can run it: %w", user.name, err)
		}
	}
	return filepath.Join(copied, filepath.Base(bin)), nil
}

func copyInstallation(install, root, copied string) error {
	if err := os.RemoveAll(root); err != nil {
		return err
	}
	if err := os.CopyFS(copied, os.DirFS(install)); err != nil {
		return err
	}
	above := filepath.Dir(install)
	libs, err := filepath.Glob(above + ".libs")
	if err != nil {
		return err
	}
	for _, lib := range libs {
		if err := os.CopyFS(filepath.Join(root, filepath.Base(lib)), os.DirFS(lib)); err != nil {
			return err
		}
	}
	if err := openToRead(root); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "complete"), nil, 0o644)
}

func openToRead(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if mode&0o100 != 0 {
			mode |= 0o111
		}
		return os.Chmod(path, mode)
	})
}

// elsewhere is a stable folder for what belongs to the wanted path.
func elsewhere(wanted string) string {
	base := "/var/tmp"
	if !exists(base) {
		base = os.TempDir()
	}
	sum := sha256.Sum256([]byte(wanted))
	return filepath.Join(base, "backstop-postgres-"+hex.EncodeToString(sum[:8]))
}

// makeFolder makes the folder and gives it to the account; an existing one that holds foreign files is left to initdb
// to refuse.
func makeFolder(path string, owner *account) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("make PostgreSQL's data folder: %w", err)
	}
	if owner == nil {
		return nil
	}
	if err := os.Chown(path, owner.uid, owner.gid); err != nil {
		return fmt.Errorf("give the data folder to %s: %w", owner.name, err)
	}
	return nil
}

// command runs a program as the place's user, away from folders that this user may not enter.
func (p place) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, program), args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.user.credential()}
	return cmd
}

// initialise makes the cluster, unless there is one.
func initialise(ctx context.Context, p place, o Options) error {
	if exists(filepath.Join(p.data, "PG_VERSION")) {
		return nil
	}
	password, err := passwordFile(o.Password, p.user)
	if err != nil {
		return fmt.Errorf("hand the password to initdb: %w", err)
	}
	defer os.Remove(password)
	cmd := p.command(ctx, "initdb", "-D", p.data, "-U", o.User, "--pwfile", password, "--auth-local=trust", "--auth-host=md5",
		"--encoding=UTF8", "--locale=C", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb in %s: %w: %s", p.data, err, lastLines(string(out), 5))
	}
	return nil
}

func passwordFile(password string, reader *account) (string, error) {
	f, err := os.CreateTemp("", "backstop-*.pw")
	if err != nil {
		return "", err
	}
	defer f.Close()
	if reader != nil {
		if err := f.Chown(reader.uid, reader.gid); err != nil {
			return "", err
		}
	}
	_, err = f.WriteString(password + "\n")
	return f.Name(), err
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], " | ")
}
