package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
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
	pattern := "^TestContract$"
	if len(behaviours) > 0 {
		pattern += "/^(" + strings.ReplaceAll(strings.Join(behaviours, "|"), "/", ")$/^(") + ")$"
	}
	command := exec.CommandContext(c.Context(), "go", "test", "-count=1", "-v", "-run", pattern, "./connectors/"+vendor)
	command.Dir = root
	command.Stderr = c.ErrOrStderr()
	output, err := command.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start the tests: %w", err)
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("start the tests; this needs Go and a checkout: %w", err)
	}
	to := c.OutOrStdout()
	if wantsJSON(c) {
		to = c.ErrOrStderr()
	}
	passTests(output, to)
	err = command.Wait()
	if wantsJSON(c) {
		if failed := printJSON(c.OutOrStdout(), map[string]any{"vendor": vendor, "passed": err == nil}); failed != nil {
			return failed
		}
	}
	if err != nil {
		return fmt.Errorf("connectors/%s does not keep the contract yet; the table above names what is missing", vendor)
	}
	return nil
}

// passTests shows what people want of a test's output: complaints, with the
// name of the test that complains, and tables; not which test began.
func passTests(from io.Reader, to io.Writer) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	name := ""
	for lines.Scan() {
		line := strings.TrimLeft(lines.Text(), " ")
		if said, ok := strings.CutPrefix(line, "=== "); ok {
			if _, named, found := strings.Cut(said, "NAME"); found {
				name = strings.TrimSpace(named)
			}
			continue
		}
		if strings.HasPrefix(line, "--- PASS") || strings.HasPrefix(line, "--- SKIP") {
			continue
		}
		if name != "" && !strings.HasPrefix(line, "--- ") {
			fmt.Fprintln(to, name+":")
		}
		name = ""
		fmt.Fprintln(to, lines.Text())
	}
	_, _ = io.Copy(io.Discard, from) // a line that is too long must not block the tests
}

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
	failed, run := 0, 0
	rows := [][]string{{"BEHAVIOUR", "RESULT"}}
	for _, r := range results {
		if strings.HasPrefix(r.Name, "faults/") {
			continue // a real vendor plays none
		}
		said := "passed"
		if r.Missing == "" {
			run++
		}
		switch {
		case r.Missing != "":
			said = "n.a. (" + r.Missing + ")"
		case len(r.Failures) > 0:
			failed++
			said = "FAILED: " + complaint(r.Failures[0])
		}
		rows = append(rows, []string{r.Name, said})
	}
	if err := show(c, map[string]any{"hotel": id, "results": results}, func(w io.Writer) { table(w, rows...) }); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d behaviours that were run failed on the account of %s", failed, run, id)
	}
	return nil
}

// complaint is what a failure says, without the trace before it.
func complaint(failure string) string {
	if _, said, found := strings.Cut(failure, "Error:"); found {
		failure = said
	}
	return strings.Join(strings.Fields(failure), " ")
}
