//go:build full && linux

package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// A hunt looks for guests in what a place holds, in many writings, and keeps
// account of where it looked.
type hunt struct {
	exact map[string][][]byte // by value: ways of writing in which case counts
	loose map[string][][]byte // and in lower case those in which it does not

	mu     sync.Mutex
	places map[string]*looked
	found  map[string][]string // values by place
}

// looked is what was read of a place.
type looked struct{ pieces, bytes int }

func newHunt(guests ...pms.Guest) *hunt {
	h := &hunt{exact: map[string][][]byte{}, loose: map[string][][]byte{}, places: map[string]*looked{}, found: map[string][]string{}}
	for _, g := range guests {
		for _, value := range append([]string{g.FirstName, g.LastName, g.Email, g.Comment}, dialled(g.Phone)...) {
			if len(value) >= 6 { // random bytes hold shorter ones by chance
				h.exact[value], h.loose[value] = writings(value)
			}
		}
	}
	return h
}

// dialled are a telephone number as people and machines write it: as given, all
// its digits, and those behind the country's.
func dialled(phone string) []string {
	if phone == "" {
		return nil
	}
	_, national, _ := strings.Cut(phone, " ")
	return []string{phone, strings.NewReplacer(" ", "", "+", "").Replace(phone), strings.ReplaceAll(national, " ", "")}
}

// writings are a value's: where case counts, and in lower case where it does not.
func writings(value string) (exact, loose [][]byte) {
	for _, v := range []string{value, strings.ToLower(value), strings.ToUpper(value)} {
		quoted, _ := json.Marshal(v)
		loose = append(loose, []byte(v), bytes.Trim(quoted, `"`), escaped(v, `\u%04x`), escaped(v, "&#%d;"), escaped(v, "&#x%x;"),
			[]byte(html.EscapeString(v)), []byte(url.QueryEscape(v)), []byte(url.PathEscape(v)), []byte(strings.ReplaceAll(v, ".", "/")), []byte(hex.EncodeToString([]byte(v))),
			wide(v, false), wide(v, true))
		// Base64 of a text depends on where in it the value begins: the middle of
		// each of the three ways does not.
		for shift := range 3 {
			coded := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), v...))
			if middle := coded[4 : len(coded)-4]; len(middle) >= 6 {
				exact = append(exact, []byte(middle), []byte(strings.NewReplacer("+", "-", "/", "_").Replace(middle)))
			}
		}
	}
	for i := range loose {
		loose[i] = lower(loose[i])
	}
	return unique(exact), unique(loose)
}

func unique(all [][]byte) [][]byte {
	slices.SortFunc(all, bytes.Compare)
	return slices.CompactFunc(all, bytes.Equal)
}

// escaped writes what is not ASCII in a form.
func escaped(value, form string) []byte {
	var out []byte
	for _, r := range value {
		if r < 128 {
			out = append(out, byte(r))
		} else {
			out = fmt.Appendf(out, form, r)
		}
	}
	return out
}

func wide(value string, big bool) (out []byte) {
	for _, unit := range utf16.Encode([]rune(value)) {
		if big {
			out = append(out, byte(unit>>8), byte(unit))
		} else {
			out = append(out, byte(unit), byte(unit>>8))
		}
	}
	return out
}

// lower changes ASCII alone, so that bytes that are no text stay as they are.
func lower(data []byte) []byte {
	out := bytes.Clone(data)
	for i, b := range out {
		if b >= 'A' && b <= 'Z' {
			out[i] = b + 'a' - 'A'
		}
	}
	return out
}

// in returns the values found in data, and in what is packed in it.
func (h *hunt) in(data []byte) []string {
	found := map[string]bool{}
	for _, layer := range append([][]byte{data}, packed(data)...) {
		low := lower(layer)
		for value := range h.loose {
			holds := func(where []byte) func([]byte) bool {
				return func(way []byte) bool { return bytes.Contains(where, way) }
			}
			found[value] = found[value] || slices.ContainsFunc(h.loose[value], holds(low)) || slices.ContainsFunc(h.exact[value], holds(layer))
		}
	}
	maps.DeleteFunc(found, func(_ string, is bool) bool { return !is })
	return slices.Sorted(maps.Keys(found))
}

// maxPacked bounds what is unpacked of one piece, and how often.
const (
	maxPacked = 64 << 20
	maxPacks  = 200
)

// byteaText is how Postgres writes bytes in a row's JSON.
var byteaText = regexp.MustCompile(`\\\\x([0-9a-f]{12,})"`)

// packed is what can be read out of data: compressed streams wherever they
// begin, and Postgres' bytes, with the streams in those.
func packed(data []byte) (layers [][]byte) {
	for _, match := range byteaText.FindAllSubmatch(data, maxPacks) {
		raw := make([]byte, hex.DecodedLen(len(match[1])))
		if n, err := hex.Decode(raw, match[1]); err == nil {
			layers = append(append(layers, raw[:n]), streams(raw[:n])...)
		}
	}
	return append(layers, streams(data)...)
}

// streams are those of gzip. What is cut short counts as far as it goes.
func streams(data []byte) (layers [][]byte) {
	for rest, n := data, 0; n < maxPacks; n++ {
		at := bytes.Index(rest, []byte("\x1f\x8b\x08"))
		if at < 0 {
			break
		}
		rest = rest[at:]
		if r, err := gzip.NewReader(bytes.NewReader(rest)); err == nil {
			if text, _ := io.ReadAll(io.LimitReader(r, maxPacked)); len(text) > 0 {
				layers = append(layers, text)
			}
		}
		rest = rest[1:]
	}
	return layers
}

// look reads a piece of a place, and returns whom it found there.
func (h *hunt) look(place string, data []byte) (found []string) {
	found = h.in(data)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.places[place] == nil {
		h.places[place] = &looked{}
	}
	h.places[place].pieces++
	h.places[place].bytes += len(data)
	for _, value := range found {
		if !slices.Contains(h.found[place], value) {
			h.found[place] = append(h.found[place], value)
		}
	}
	return found
}

// tell lists where it looked, and how much it read there.
func (h *hunt) tell(t *testing.T) {
	t.Helper()
	var list strings.Builder
	pieces, size := 0, 0
	for _, place := range slices.Sorted(maps.Keys(h.places)) {
		l := h.places[place]
		pieces, size = pieces+l.pieces, size+l.bytes
		fmt.Fprintf(&list, "%8d pieces %12d bytes  %-40s %s\n", l.pieces, l.bytes, place, strings.Join(h.found[place], ", "))
	}
	t.Logf("looked for %d values in %d places, %d pieces, %d bytes:\n%s", len(h.loose), len(h.places), pieces, size, list.String())
}

// requireNobody fails when a guest was found anywhere, or when a place that must
// be looked at was not, or held nothing.
func (h *hunt) requireNobody(t *testing.T, places ...string) {
	t.Helper()
	for _, place := range places {
		require.Positive(t, cmp.Or(h.places[place], &looked{}).bytes, "nothing was read of %s", place)
	}
	require.Empty(t, h.found)
}

// TestTheHuntFindsAGuest proves the instrument: whatever it is told to find, it
// finds in each writing.
func TestTheHuntFindsAGuest(t *testing.T) {
	h := newHunt(planted)
	require.Len(t, h.loose, 7)
	zip := func(text string) string {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, err := w.Write([]byte(text))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return out.String()
	}
	for value := range h.loose {
		quoted, err := json.Marshal(value)
		require.NoError(t, err)
		for name, place := range map[string]string{
			"JSON": `{"msg":` + string(quoted) + `}`, "ASCII JSON": string(escaped(value, `\u%04X`)), "upper": strings.ToUpper(value), "lower": strings.ToLower(value),
			"query": url.QueryEscape(value), "query in lower case": strings.ToLower(url.QueryEscape(value)), "path": url.PathEscape(value),
			"HTML": html.EscapeString(value), "HTML numbers": string(escaped(value, "&#%d;")),
			"hex": hex.EncodeToString([]byte("x" + value)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(value))),
			"UTF-16": string(wide(value, false)), "UTF-16, big end first": string(wide(value, true)), "UTF-16 of upper case": string(wide(strings.ToUpper(value), false)),
			"base64":     base64.StdEncoding.EncodeToString([]byte("ab" + value + "cd")),
			"URL base64": base64.URLEncoding.EncodeToString([]byte("a" + value)),
			"gzip":       "head" + zip("x"+value+"y") + "tail",
			"bytea":      `{"raw":"\\x` + hex.EncodeToString([]byte(value)) + `"}`,
			"gzip in it": `{"raw":"\\x` + hex.EncodeToString([]byte("ab"+zip(value))) + `"}`,
		} {
			require.Contains(t, h.in([]byte(place)), value, "%s: %q", name, place)
		}
	}
	require.Empty(t, h.in([]byte("nobody is here")))
	require.Empty(t, h.in([]byte(zip("nobody is here"))))
	h.look("here", []byte("nobody"))
	h.requireNobody(t, "here")
	h.look("there", []byte(planted.Email))
	require.Equal(t, map[string][]string{"there": {planted.Email}}, h.found)
}
