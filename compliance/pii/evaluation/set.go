package evaluation

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed v1/*.txt
var files embed.FS

// A Version names a frozen set.
type Version struct {
	// Directory is where its files are.
	Directory string
	// Digest is the SHA-256 over its files, see Digest.
	Digest string
}

// First is the first set, written before the detector.
var First = Version{
	Directory: "v1",
	Digest:    "2393a2acd28f296a3f2fcb6687a8f8ae6ebfd5a94dd0141585327e9f28db4d31",
}

// A Set is the turns of all languages, in order of file and line.
type Set struct {
	Turns []Turn
}

// Load reads a set. Each of its files is named after its language.
func Load(v Version) (Set, error) {
	names, err := fs.Glob(files, path.Join(v.Directory, "*.txt"))
	if err != nil || len(names) == 0 {
		return Set{}, fmt.Errorf("evaluation: no set at %q", v.Directory)
	}
	var set Set
	for _, name := range names {
		content, err := files.ReadFile(name)
		if err != nil {
			return Set{}, fmt.Errorf("evaluation: %w", err)
		}
		turns, err := Parse(strings.TrimSuffix(path.Base(name), ".txt"), string(content))
		if err != nil {
			return Set{}, err
		}
		set.Turns = append(set.Turns, turns...)
	}
	return set, nil
}

// Digest gives the SHA-256 over a version's files in hex: of each, in order of
// their names, the name, a zero byte, the content and a zero byte.
func Digest(v Version) (string, error) {
	names, err := fs.Glob(files, path.Join(v.Directory, "*.txt"))
	if err != nil {
		return "", fmt.Errorf("evaluation: %w", err)
	}
	sum := sha256.New()
	for _, name := range names {
		content, err := files.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("evaluation: %w", err)
		}
		fmt.Fprintf(sum, "%s\x00%s\x00", path.Base(name), content)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
