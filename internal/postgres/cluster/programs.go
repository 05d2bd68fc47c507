//go:build unix

package cluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ErrNotInstalled is the answer when no PostgreSQL server is on the machine.
var ErrNotInstalled = errors.New("cluster: PostgreSQL is not installed; run: apt-get install postgresql (or set PG_BIN to the folder of initdb and postgres)")

// programs are the two we need, of one version.
type programs struct {
	initdb, postgres string
}

// findPrograms prefers PG_BIN, then the newest real installation, then PATH,
// where Debian has wrappers. A data directory that exists decides the version.
func findPrograms(data string) (programs, error) {
	major := ""
	if content, err := os.ReadFile(filepath.Join(data, "pgdata", "PG_VERSION")); err == nil {
		major = strings.TrimSpace(string(content))
	}
	found := false
	for _, folder := range programFolders() {
		p := programs{initdb: filepath.Join(folder, "initdb"), postgres: filepath.Join(folder, "postgres")}
		if !executable(p.initdb) || !executable(p.postgres) {
			continue
		}
		found = true
		if major == "" || majorOf(p.postgres) == major {
			return p, nil
		}
	}
	if found {
		return programs{}, fmt.Errorf("cluster: the data is of PostgreSQL %s, which is not installed; install postgresql-%s, or remove the cluster's directory to start anew", major, major)
	}
	return programs{}, ErrNotInstalled
}

func programFolders() []string {
	if folder := os.Getenv("PG_BIN"); folder != "" {
		return []string{folder}
	}
	var folders []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",          // Debian, Ubuntu
		"/usr/pgsql-*/bin",                   // Red Hat
		"/opt/homebrew/opt/postgresql@*/bin", // Homebrew
		"/usr/local/opt/postgresql@*/bin",    //
		"/Library/PostgreSQL/*/bin",          // EDB
	} {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			continue
		}
		slices.SortFunc(matches, func(a, b string) int { return versionIn(b) - versionIn(a) })
		folders = append(folders, matches...)
	}
	if postgres, err := exec.LookPath("postgres"); err == nil {
		folders = append(folders, filepath.Dir(postgres))
	}
	return folders
}

// versionIn reads the digits of a folder such as /usr/lib/postgresql/15/bin.
func versionIn(folder string) int {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, folder)
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// majorOf asks a server program for its version: "postgres (PostgreSQL) 15.4".
func majorOf(postgres string) string {
	output, err := exec.Command(postgres, "--version").Output()
	if err != nil {
		return ""
	}
	fields := strings.Fields(string(output))
	if len(fields) < 3 {
		return ""
	}
	major, _, _ := strings.Cut(fields[2], ".")
	return major
}

func executable(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}
