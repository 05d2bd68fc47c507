package evaluation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// String is the result as a table of groups and types by language, followed by
// every fault.
func (r Result) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	languages := slices.Sorted(maps.Keys(r.Words))
	fmt.Fprintf(w, "found / total\t%s\tall\n", strings.Join(languages, "\t"))
	for _, counts := range []map[Key]Count{r.Recall, r.ByType} {
		for _, name := range rows(counts) {
			row(w, name, languages, func(language string) Count { return counts[Key{name, language}] })
		}
		fmt.Fprintln(w)
	}
	row(w, "reported names that are names", languages, func(l string) Count { return r.Names[l] })
	row(w, "characters masked", languages, func(l string) Count { return r.Masked[l] })
	row(w, "wrong maskings / words", languages, func(l string) Count { return Count{r.WrongMaskings[l], r.Words[l]} })
	row(w, "overhanging words / words", languages, func(l string) Count { return Count{r.Overhangs[l], r.Words[l]} })
	row(w, "invalid, but typed", languages, func(l string) Count { return Count{r.InvalidHits[l], r.Invalids[l]} })
	row(w, "invalid, masked all the same", languages, func(l string) Count { return Count{r.InvalidMasked[l], r.Invalids[l]} })
	w.Flush()
	for _, miss := range r.Misses {
		fmt.Fprintf(&b, "%s\n", miss)
	}
	return b.String()
}

func rows(counts map[Key]Count) []string {
	names := map[string]bool{}
	for key := range counts {
		names[key.Group] = true
	}
	return slices.Sorted(maps.Keys(names))
}

func row(w *tabwriter.Writer, name string, languages []string, of func(language string) Count) {
	var all Count
	fmt.Fprint(w, name)
	for _, language := range languages {
		count := of(language)
		all = all.plus(count)
		fmt.Fprintf(w, "\t%d/%d", count.Found, count.Total)
	}
	fmt.Fprintf(w, "\t%d/%d  %.2f %%\n", all.Found, all.Total, 100*all.Share())
}

// String is the fault in one line.
func (m Miss) String() string {
	got := "nothing"
	if len(m.Got) > 0 {
		got = strings.Join(m.Got, " | ")
	}
	return fmt.Sprintf("%s %s %s: %q, got %s", m.ID, m.Kind, m.Type, m.Text, got)
}
