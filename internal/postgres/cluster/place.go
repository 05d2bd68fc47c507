//go:build unix

package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// An account is the unprivileged user that the server runs as when we are
// root, for PostgreSQL refuses root. It is nil when we are not.
type account struct {
	uid, gid uint32
}

func serverAccount() (*account, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if uidErr == nil && gidErr == nil && uid != 0 {
			return &account{uid: uint32(uid), gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("cluster: PostgreSQL refuses to run as root and there is no user postgres or nobody; run as another user")
}

// prepareDir makes the directory and returns it as an absolute path. Under
// root the server's account must be able to pass through it; what is secret in
// it has modes of its own.
func prepareDir(dir string, account *account) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("cluster: %w", err)
	}
	mode := fs.FileMode(0o700)
	if account != nil {
		mode = 0o711
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return "", fmt.Errorf("cluster: making the directory: %w", err)
	}
	if err := os.Chmod(dir, mode); err != nil {
		return "", fmt.Errorf("cluster: setting the directory's mode: %w", err)
	}
	return dir, nil
}

// placeData tells where the data directory is. It is dir/data, unless we are
// root and the server's account cannot get there, as below a private home:
// then dir/data is a link to a directory of that account in /var/tmp.
func placeData(dir string, account *account) (string, error) {
	data := filepath.Join(dir, "data")
	if account == nil || passable(dir) {
		return data, makeData(data, account)
	}
	away := awayFrom(dir)
	target, err := os.Readlink(data)
	if errors.Is(err, fs.ErrNotExist) {
		// Somebody removed the directory and could not know of the data away
		// from it. Its passwords are gone, so it is of no use to anybody.
		if err := os.RemoveAll(away); err != nil {
			return "", fmt.Errorf("cluster: removing the data of a directory that was removed: %w", err)
		}
	}
	if err := makeData(away, account); err != nil {
		return "", err
	}
	if err == nil && target == away {
		return away, nil
	}
	if err := os.Symlink(away, data); err != nil {
		return "", fmt.Errorf("cluster: linking the data directory; remove %s if it is of no use: %w", data, err)
	}
	return away, nil
}

// awayFrom names the data directory of dir in /var/tmp.
func awayFrom(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join("/var/tmp", "voicehive-postgres-"+hex.EncodeToString(sum[:8]))
}

// Remove removes a stopped cluster with its data, wherever that lies.
func Remove(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	away := awayFrom(dir)
	if target, err := os.Readlink(filepath.Join(dir, "data")); err == nil && target == away {
		if err := os.RemoveAll(away); err != nil {
			return fmt.Errorf("cluster: removing the data: %w", err)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("cluster: removing the directory: %w", err)
	}
	return nil
}

// passable reports whether everybody may pass through every folder of dir.
func passable(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}

// makeData makes the directory, or accepts the one that is there when it is a
// real directory of ours: in /var/tmp others could have put a link.
func makeData(data string, account *account) error {
	err := os.Mkdir(data, 0o700)
	if err == nil && account != nil {
		err = os.Chown(data, int(account.uid), int(account.gid))
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("cluster: making the data directory: %w", err)
	}
	info, err := os.Lstat(data)
	if err != nil {
		return fmt.Errorf("cluster: looking at the data directory: %w", err)
	}
	owner := uint32(os.Getuid())
	if account != nil {
		owner = account.uid
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || stat.Uid != owner {
		return fmt.Errorf("cluster: %s is not a directory of user %d; remove it or use another directory", data, owner)
	}
	return nil
}
