package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/contracttest"
	"github.com/voicehive/voicehive/connectors/scaffold"
)

func newConnector() *cobra.Command {
	group := &cobra.Command{
		Use:   "connector",
		Short: "Build, test and examine connectors to hotel systems",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newConnectorNew(), newConnectorTest(), newConnectorDoctor())
	return group
}

func newConnectorNew() *cobra.Command {
	var title string
	c := &cobra.Command{
		Use:   "new VENDOR",
		Short: "Write the beginning of a connector into this checkout",
		Long: `Write the beginning of a connector into this checkout: the adapter, a simulator,
the contract test, the entry in the capability matrix and the line in the
factory. It compiles, and its contract test is red where something is missing.
docs/connectors.md leads from there to a green one.`,
		Args: exactly(1, "the vendor's name, such as acme"),
		RunE: func(c *cobra.Command, args []string) error {
			root, err := scaffold.Root(".")
			if err != nil {
				return err
			}
			files, err := scaffold.Plan(root, args[0], title)
			if errors.Is(err, scaffold.ErrName) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			if err := scaffold.Write(root, files); err != nil {
				return err
			}
			return show(c, plannedFiles(files), func(w io.Writer) {
				for _, f := range files {
					fmt.Fprintf(w, "%s %s\n", map[bool]string{true: "wrote  ", false: "changed"}[f.New], f.Path)
				}
				fmt.Fprintf(w, "\nNext:  voicehive connector test %s   (red names are what to map; see docs/connectors.md)\n", args[0])
			})
		},
	}
	c.Flags().StringVar(&title, "title", "", "the vendor's name for people (default: VENDOR with a capital)")
	return withJSON(c)
}

func plannedFiles(files []scaffold.File) map[string][]string {
	paths := map[string][]string{"wrote": {}, "changed": {}}
	for _, f := range files {
		key := "changed"
		if f.New {
			key = "wrote"
		}
		paths[key] = append(paths[key], f.Path)
	}
	return paths
}

func newConnectorTest() *cobra.Command {
	var account string
	var behaviours []string
	c := &cobra.Command{
		Use:   "test VENDOR | test --account HOTEL",
		Short: "Run the golden suite on a connector",
		Long: `Run the golden suite on a connector: on VENDOR's own simulator, which needs a
checkout with Go, or with --account on the real account of a registered hotel.

On a real account the behaviours run that need no scripted vendor. They book,
change and cancel, so the hotel must be one for tests.`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := knownBehaviours(behaviours); err != nil {
				return usageError{err}
			}
			switch {
			case account != "" && len(args) == 0:
				return testAccount(c, account, behaviours)
			case account == "" && len(args) == 1:
				return testSimulator(c, args[0], behaviours)
			}
			return usageError{errors.New("name a vendor, or a hotel with --account")}
		},
	}
	c.Flags().StringVar(&account, "account", "", "registered hotel whose real account to test on")
	c.Flags().StringSliceVar(&behaviours, "behaviour", nil, "only these, such as create/same_key_in_parallel")
	return withJSON(c)
}

// knownBehaviours refuses names that the suite does not have, and tells those
// that come near.
func knownBehaviours(names []string) error {
	known := contracttest.Names()
	for _, name := range names {
		if slices.Contains(known, name) {
			continue
		}
		operation, _, _ := strings.Cut(name, "/")
		near := slices.DeleteFunc(slices.Clone(known), func(k string) bool { return !strings.HasPrefix(k, operation+"/") })
		if len(near) == 0 {
			return fmt.Errorf("there is no behaviour %q; names are operation/behaviour, as in create/same_key_in_parallel", name)
		}
		return fmt.Errorf("there is no behaviour %q; there are %s", name, strings.Join(near, ", "))
	}
	return nil
}

// testSimulator runs the vendor's contract test and prints its table.
func testSimulator(c *cobra.Command, vendor string, behaviours []string) error {
	root, err := scaffold.Root(".")
	if err != nil {
		return err
	}
	if _, err := os.Stat(root + "/connectors/" + vendor); err != nil || strings.ContainsAny(vendor, "/.\\") {
		return usageError{fmt.Errorf("there is no connectors/%s; there are %v", vendor, connectors.Vendors())}
	}
	command := exec.CommandContext(c.Context(), "go", "test", "-count=1", "-v", "-run", runPattern(behaviours), "./connectors/"+vendor)
	command.Dir = root
	output, err := command.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start the tests: %w", err)
	}
	command.Stderr = command.Stdout // what does not compile is told in its place
	if err := command.Start(); err != nil {
		return fmt.Errorf("start the tests; this needs Go and a checkout: %w", err)
	}
	to := c.OutOrStdout()
	if wantsJSON(c) {
		to = c.ErrOrStderr()
	}
	ended := passTests(output, to)
	err = command.Wait()
	idle := slices.DeleteFunc(slices.Clone(behaviours), func(name string) bool { return ended[contractTest+"/"+name] })
	if wantsJSON(c) {
		said := map[string]any{"vendor": vendor, "passed": err == nil && ended[contractTest] && len(idle) == 0, "not_run": append([]string{}, idle...)}
		if failed := printJSON(c.OutOrStdout(), said); failed != nil {
			return failed
		}
	}
	switch {
	case err != nil:
		return fmt.Errorf("connectors/%s does not keep the contract yet; the table above names what is missing", vendor)
	case !ended[contractTest]:
		return fmt.Errorf("nothing was tested: connectors/%s has no %s", vendor, contractTest)
	}
	return allRun(idle)
}

// contractTest is the test of a vendor's package that runs the suite.
const contractTest = "TestContract"

// runPattern names behaviours to "go test", each by a pattern of its own: in
// one for all of them every operation would meet every behaviour.
func runPattern(behaviours []string) string {
	patterns := []string{"^" + contractTest + "$"}
	for i, name := range behaviours {
		patterns = append(patterns[:i], "^"+contractTest+"$/^"+strings.ReplaceAll(name, "/", "$/^")+"$")
	}
	return strings.Join(patterns, "|")
}

// allRun refuses to call good what did not run although it was asked for.
func allRun(idle []string) error {
	if len(idle) == 0 {
		return nil
	}
	return fmt.Errorf("not applicable, so nothing is known of it: %s; the table without --behaviour says why", strings.Join(idle, ", "))
}

// passTests shows what people want of a test's output: complaints, with the
// name of the test that complains, and tables; not which test began. It returns
// the tests that came to their end.
func passTests(from io.Reader, to io.Writer) map[string]bool {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	ended, name := map[string]bool{}, ""
	for lines.Scan() {
		line := strings.TrimLeft(lines.Text(), " ")
		if said, ok := strings.CutPrefix(line, "=== "); ok {
			// Whatever it tells of a test, the next lines are that test's.
			_, name, _ = strings.Cut(said, " ")
			name = strings.TrimSpace(name)
			continue
		}
		if verdict := verdictLine.FindStringSubmatch(line); verdict != nil {
			name = ""
			ended[verdict[2]] = verdict[1] != "SKIP"
			if verdict[1] != "FAIL" {
				continue
			}
		} else if name != "" {
			fmt.Fprintln(to, name+":")
			name = ""
		}
		fmt.Fprintln(to, lines.Text())
	}
	_, _ = io.Copy(io.Discard, from) // a line that is too long must not block the tests
	return ended
}

var verdictLine = regexp.MustCompile(`^--- (PASS|FAIL|SKIP): (\S+)`)

// testAccount runs on a real account what needs no scripted vendor.
func testAccount(c *cobra.Command, id string, behaviours []string) error {
	p, err := openStores(c.Context(), "connector")
	if err != nil {
		return err
	}
	defer p.close()
	hotel, err := p.registry.Hotel(c.Context(), id)
	if err != nil {
		return err
	}
	zone, err := hotel.Location()
	if err != nil {
		return err
	}
	conn, err := p.factory.Connector(c.Context(), id)
	if errors.Is(err, connectors.ErrUnknownVendor) {
		return fmt.Errorf("%w: %s", err, remedy(err))
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Context(), 30*time.Minute)
	defer cancel()
	results := contracttest.Check(ctx, contracttest.Target{
		Vendor: hotel.Vendor,
		New: func(contracttest.T, contracttest.Options) contracttest.Bench {
			return contracttest.Bench{Connector: conn, Property: hotel.Property, Zone: zone, Currency: hotel.Currency}
		},
	}, behaviours...)
	rows, sum := onAccount(results)
	said := map[string]any{"hotel": id, "results": results, "sum": sum}
	if err := show(c, said, func(w io.Writer) {
		table(w, rows...)
		fmt.Fprintf(w, "%d passed, %d failed, %d n.a.\n", sum.Passed, sum.Failed, sum.Missing)
	}); err != nil {
		return err
	}
	if sum.Failed > 0 {
		return fmt.Errorf("%d of %d behaviours that were run failed on the account of %s", sum.Failed, sum.Passed+sum.Failed, id)
	}
	return allRun(slices.DeleteFunc(slices.Clone(behaviours), func(name string) bool {
		return slices.ContainsFunc(results, func(r contracttest.Result) bool { return r.Name == name && r.Missing == "" })
	}))
}

// An accountSum counts what came of the behaviours on a real account.
type accountSum struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Missing int `json:"not_applicable"`
}

// onAccount makes a table of results.
func onAccount(results []contracttest.Result) (rows [][]string, sum accountSum) {
	rows = [][]string{{"BEHAVIOUR", "RESULT"}}
	for _, r := range results {
		if strings.HasPrefix(r.Name, "faults/") {
			continue // a real vendor plays none
		}
		said := "passed"
		switch {
		case r.Missing != "":
			said = "n.a. (" + r.Missing + ")"
			sum.Missing++
		case len(r.Failures) > 0:
			said = "FAILED: " + complaint(r.Failures[0])
			sum.Failed++
		default:
			sum.Passed++
		}
		rows = append(rows, []string{r.Name, said})
	}
	return rows, sum
}

// complaint is what a failure says, without the trace before it.
func complaint(failure string) string {
	if _, said, found := strings.Cut(failure, "Error:"); found {
		failure = said
	}
	return strings.Join(strings.Fields(failure), " ")
}
