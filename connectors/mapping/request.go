package mapping

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/voicehive/voicehive/connectors/pms"
)

// maxID bounds an id, in bytes.
const maxID = 64

// idPattern is what can stand in a path without being escaped, and cannot
// climb out of it.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*$`)

// ValidID reports whether s can be an id. Ids come from callers and webhooks
// too; what cannot be one is not put into a path.
func ValidID(s string) bool { return len(s) <= maxID && idPattern.MatchString(s) }

// A Path is a fixed beginning and what follows it, segment by segment: ids and
// words. Each of those must be a valid id.
type Path []string

// Join writes the path. ErrNotFound for a segment that cannot be an id: the
// vendor has no such thing.
func (p Path) Join() (string, error) {
	for _, segment := range p[1:] {
		if !ValidID(segment) {
			return "", &pms.Error{Kind: pms.ErrNotFound, Field: "id"}
		}
	}
	return strings.Join(p, "/"), nil
}

// Query makes the parameters of a request from names and values, in turn. An
// empty value is left out.
func Query(pairs ...string) url.Values {
	query := url.Values{}
	for ; len(pairs) > 1; pairs = pairs[2:] {
		if pairs[1] != "" {
			query.Set(pairs[0], pairs[1])
		}
	}
	return query
}

// CSV writes numbers separated by commas, for vendors that take arrays so.
func CSV(numbers []int) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ",")
}
