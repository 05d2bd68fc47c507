package lint

import (
	"fmt"
	"slices"
	"strings"
)

const module = "github.com/voicehive/voicehive"

// floors of the house, from the top down. A package imports its own floor and
// those below it. The last holds no code: it is samples that are embedded.
var floors = []string{"cmd", "starter", "workers", "workflows", "activities", "connectors", "compliance", "internal", "config"}

// beside stand packages that no floor holds: they hold tests of the repository
// itself, and neither import a floor nor are imported by one.
var beside = []string{"lint", "deploy"}

// shared are the packages of the connectors floor that are no vendor.
var shared = []string{"pms", "transport", "credentials", "registry", "sandbox", "contracttest", "capability", "quota", "mapping", "webhooks", "status", "scaffold"}

// vendorMayImport is all that a vendor package needs of ours: it maps, and the
// rest is done for it.
var vendorMayImport = []string{"connectors/pms", "connectors/transport", "connectors/credentials", "connectors/mapping"}

// A ban keeps a part of the house from importing some packages directly.
type ban struct {
	part    func(path string) bool
	imports []string // and what lies below them
	why     string
}

var bans = []ban{
	{
		part:    isVendor,
		imports: []string{"golang.org/x/time/rate", "github.com/failsafe-go/failsafe-go", "golang.org/x/oauth2", "net", "crypto/tls", "os", "database/sql", "github.com/jackc/pgx/v5"},
		why:     "a vendor package holds mapping only; connection, limit, retry and credentials are in connectors/transport and connectors/credentials",
	},
	{
		part:    func(path string) bool { return within(path, "workflows") && !isTestSupport(path) },
		imports: []string{"net", "os", "database/sql", "github.com/jackc/pgx/v5", "math/rand", "crypto/rand", "log", "log/slog", module + "/internal/postgres", module + "/connectors/transport"},
		why:     "a workflow is deterministic: side effects belong to activities",
	},
	{
		part:    func(path string) bool { return path == "connectors/pms" },
		imports: []string{module},
		why:     "the contract that vendors keep depends on nothing of ours",
	},
	{
		part:    func(path string) bool { return within(path, "internal") },
		imports: []string{"github.com/spf13/cobra", "github.com/danielgtaylor/huma/v2"},
		why:     "the lowest floor knows no command line and no API",
	},
}

// exceptions are banned imports that are no way to do what the ban is about.
var exceptions = []string{"net/http", "net/url", "net/mail", "net/textproto", "net/netip"}

// A pkg is a package as far as these rules look: paths are below the module.
type pkg struct {
	path    string
	imports []string // as written, of the product's code
	tests   []string // as written, of its tests
}

// refuse tells which imports break the rules of the house.
func refuse(p pkg) []string {
	var wrong []string
	add := func(target, why string, args ...any) {
		wrong = append(wrong, fmt.Sprintf("%s imports %s: %s", p.path, target, fmt.Sprintf(why, args...)))
	}
	isBeside := slices.ContainsFunc(beside, func(folder string) bool { return within(p.path, folder) })
	if floorOf(p.path) < 0 && !isBeside {
		return []string{p.path + ": stands on no floor; there are " + strings.Join(floors, ", ")}
	}
	for _, target := range slices.Concat(p.imports, p.tests) {
		if ours, ok := below(target); ok && !downward(p.path, ours) {
			add(target, "imports point down only, floor by floor: %s", strings.Join(floors, " > "))
		}
	}
	for _, target := range p.imports {
		for _, b := range bans {
			if b.part(p.path) && b.forbids(p.path, target) {
				add(target, "%s", b.why)
			}
		}
		ours, ok := below(target)
		if !ok {
			continue
		}
		if isVendor(p.path) && !slices.Contains(vendorMayImport, ours) {
			add(target, "a vendor package imports no more of ours than %s", strings.Join(vendorMayImport, ", "))
		}
		if within(ours, "connectors/sandbox") && !within(p.path, "connectors/sandbox") && !within(p.path, "cmd") && !isTestSupport(p.path) {
			add(target, "a simulated hotel system is for tests and for cmd")
		}
		// The golden suite is also run by `voicehive connector test`.
		suite := ours == "connectors/contracttest" && within(p.path, "cmd")
		if isTestSupport(ours) && !isTestSupport(p.path) && !suite {
			add(target, "a package named ...test serves tests only")
		}
	}
	return wrong
}

func (b ban) forbids(path, target string) bool {
	// A workflow does no HTTP at all, not even its words.
	if slices.Contains(exceptions, target) && !(target == "net/http" && within(path, "workflows")) {
		return false
	}
	return slices.ContainsFunc(b.imports, func(banned string) bool { return within(target, banned) })
}

// downward tells whether a package of ours may import another by its floor.
func downward(from, to string) bool {
	upper, lower := floorOf(from), floorOf(to)
	return upper >= 0 && lower >= upper
}

// floorOf is a path's index in floors, or -1.
func floorOf(path string) int {
	first, _, _ := strings.Cut(path, "/")
	return slices.Index(floors, first)
}

// isVendor tells whether a package is that of one hotel system.
func isVendor(path string) bool {
	rest, ok := strings.CutPrefix(path, "connectors/")
	if !ok {
		return false
	}
	name, _, _ := strings.Cut(rest, "/")
	return !slices.Contains(shared, name)
}

func isTestSupport(path string) bool {
	name := path[strings.LastIndex(path, "/")+1:]
	return strings.HasSuffix(name, "test") && name != "attest" || name == "apaleospec"
}

// below cuts the module's path off an import of ours.
func below(target string) (string, bool) {
	return strings.CutPrefix(target, module+"/")
}

// within tells whether path is folder or lies in it.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}
