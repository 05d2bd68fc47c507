package contracttest

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// counts are the sums under a table.
type counts struct{ passed, failed, missing int }

func (n *counts) add(r Result) (said string) {
	switch {
	case r.Missing != "":
		n.missing++
		return "n.a. (" + r.Missing + ")"
	case len(r.Failures) > 0:
		n.failed++
		return "FAILED"
	}
	n.passed++
	return "passed"
}

// table prints what came of every behaviour that was asked for, the wrong cells
// of the fault matrix, and the sums of both.
func table(results map[string]Result) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "\noperation\tbehaviour\tresult")
	var behaved, played counts
	for _, b := range behaviours() {
		if r, asked := results[b.String()]; asked {
			fmt.Fprintf(w, "%s\t%s\t%s\n", b.operation, b.name, behaved.add(r))
		}
	}
	for _, l := range cells() {
		r, asked := results[l.String()]
		if !asked {
			continue
		}
		if said := played.add(r); len(r.Failures) > 0 {
			fmt.Fprintf(w, "faults\t%s/%s\t%s\n", l.operation, l.kind, said)
		}
	}
	_ = w.Flush() // into memory
	sums := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	fmt.Fprintln(sums, "\n\tpassed\tfailed\tn.a.")
	line := func(of string, n counts) { fmt.Fprintf(sums, "%s\t%d\t%d\t%d\n", of, n.passed, n.failed, n.missing) }
	line("behaviours", behaved)
	line("fault matrix", played)
	line("in all", counts{behaved.passed + played.passed, behaved.failed + played.failed, behaved.missing + played.missing})
	_ = sums.Flush() // into memory
	return text.String()
}

// matrix prints the cells, operations down and faults across. Where some were
// not asked for, it shows the rows of those that were.
func matrix(cells []cell) string {
	var text strings.Builder
	kinds := rules()
	partly := slices.ContainsFunc(cells, func(l cell) bool { return l.said == "" })
	shown := func(l cell) bool { return !partly || !l.unplayed() }
	// Six columns at a time fit a page.
	for from := 0; from < len(kinds); from += 6 {
		to := min(from+6, len(kinds))
		var rows [][]cell
		for row := range slices.Chunk(cells, len(kinds)) {
			if slices.ContainsFunc(row[from:to], shown) {
				rows = append(rows, row[from:to])
			}
		}
		columns(&text, kinds[from:to], rows)
	}
	played, wrong, resolved := 0, 0, 0
	for _, l := range cells {
		if l.unplayed() {
			continue
		}
		switch l.said {
		case "WRONG":
			wrong++
		case "unknown, resolved":
			resolved++
		}
		played++
	}
	fmt.Fprintf(&text, "%d cells, %d played: %d wrong; %d times the outcome was unknown and then resolved\n", len(cells), played, wrong, resolved)
	fmt.Fprintln(&text, `"no call": the operation makes none. "-": the sandbox cannot play it. "n.a.": the vendor lacks the operation, or one that it takes.`)
	return text.String()
}

// columns prints the part of the matrix that lies under some kinds of fault.
func columns(to io.Writer, kinds []rule, rows [][]cell) {
	if len(rows) == 0 {
		return
	}
	w := tabwriter.NewWriter(to, 0, 4, 2, ' ', 0)
	fmt.Fprint(w, "\noperation")
	for _, r := range kinds {
		fmt.Fprintf(w, "\t%s", r.kind)
	}
	fmt.Fprintln(w)
	for _, row := range rows {
		fmt.Fprint(w, row[0].operation)
		for _, l := range row {
			fmt.Fprintf(w, "\t%s", l.said)
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // into memory
}
