package lint

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The rules themselves: made-up packages, and whether they are let in.
func TestRules(t *testing.T) {
	t.Parallel()
	ours := func(path string) string { return module + "/" + path }
	for name, tc := range map[string]struct {
		pkg    pkg
		refuse bool
	}{
		"down one floor":          {pkg{path: "workflows/reservation", imports: []string{ours("activities/booking")}}, false},
		"down many floors":        {pkg{path: "cmd/voicehive", imports: []string{ours("internal/config")}}, false},
		"same floor":              {pkg{path: "starter/api", imports: []string{ours("starter")}}, false},
		"up one floor":            {pkg{path: "activities/booking", imports: []string{ours("workflows/reservation")}}, true},
		"up from the bottom":      {pkg{path: "internal/postgres", imports: []string{ours("compliance/keys")}}, true},
		"up in a test":            {pkg{path: "internal/postgres", tests: []string{ours("compliance/keys")}}, true},
		"into cmd":                {pkg{path: "starter", imports: []string{ours("cmd/voicehive/internal/stack")}}, true},
		"compliance, connectors":  {pkg{path: "compliance/pii", imports: []string{ours("connectors/pms")}}, true},
		"no floor":                {pkg{path: "stuff"}, true},
		"a floor's namesake":      {pkg{path: "internals/postgres"}, true},
		"beside the floors":       {pkg{path: "deploy", tests: []string{"os"}}, false},
		"sample data":             {pkg{path: "cmd/voicehive", imports: []string{ours("config/hotels")}}, false},
		"sample data that reads":  {pkg{path: "config/hotels", imports: []string{ours("connectors/registry")}}, true},
		"from beside":             {pkg{path: "deploy", tests: []string{ours("cmd/voicehive")}}, true},
		"to beside":               {pkg{path: "cmd/voicehive", imports: []string{ours("lint")}}, true},
		"contract alone":          {pkg{path: "connectors/pms", imports: []string{"net/http", "time"}}, false},
		"contract with ours":      {pkg{path: "connectors/pms", imports: []string{ours("internal/config")}}, true},
		"contract's test":         {pkg{path: "connectors/pms", tests: []string{ours("connectors/pms")}}, false},
		"vendor and transport":    {pkg{path: "connectors/mews", imports: []string{ours("connectors/transport"), ours("connectors/pms"), "net/http"}}, false},
		"vendor and vendor":       {pkg{path: "connectors/mews", imports: []string{ours("connectors/apaleo")}}, true},
		"vendor and registry":     {pkg{path: "connectors/mews", imports: []string{ours("connectors/registry")}}, true},
		"vendor and database":     {pkg{path: "connectors/mews", imports: []string{ours("internal/postgres")}}, true},
		"vendor's room, limiter":  {pkg{path: "connectors/mews/wire", imports: []string{"golang.org/x/time/rate"}}, true},
		"vendor, retries":         {pkg{path: "connectors/mews", imports: []string{"github.com/failsafe-go/failsafe-go/retrypolicy"}}, true},
		"vendor, connection":      {pkg{path: "connectors/mews", imports: []string{"net"}}, true},
		"vendor, environment":     {pkg{path: "connectors/mews", imports: []string{"os"}}, true},
		"vendor, addresses":       {pkg{path: "connectors/mews", imports: []string{"net/url"}}, false},
		"vendor's test, sandbox":  {pkg{path: "connectors/mews", tests: []string{ours("connectors/sandbox/mews"), "os"}}, false},
		"vendor, sandbox":         {pkg{path: "connectors/mews", imports: []string{ours("connectors/sandbox/mews")}}, true},
		"transport, limiter":      {pkg{path: "connectors/transport", imports: []string{"golang.org/x/time/rate"}}, false},
		"factory, vendor":         {pkg{path: "connectors", imports: []string{ours("connectors/apaleo")}}, false},
		"starter, sandbox":        {pkg{path: "starter", imports: []string{ours("connectors/sandbox/apaleo")}}, true},
		"test support, sandbox":   {pkg{path: "activities/booking/bookingtest", imports: []string{ours("connectors/sandbox/apaleo")}}, false},
		"a program beside":        {pkg{path: "deploy/healthcheck", imports: []string{"net/http"}}, false},
		"cmd, sandbox":            {pkg{path: "cmd/voicehive", imports: []string{ours("connectors/sandbox/apaleo")}}, false},
		"workflow, HTTP":          {pkg{path: "workflows/reservation", imports: []string{"net/http"}}, true},
		"workflow, files":         {pkg{path: "workflows/reservation", imports: []string{"os/exec"}}, true},
		"workflow, database":      {pkg{path: "workflows/reservation", imports: []string{"github.com/jackc/pgx/v5/pgxpool"}}, true},
		"workflow, our database":  {pkg{path: "workflows/reservation", imports: []string{ours("internal/postgres")}}, true},
		"workflow, chance":        {pkg{path: "workflows/reservation", imports: []string{"math/rand/v2"}}, true},
		"workflow's test, files":  {pkg{path: "workflows/reservation", tests: []string{"os"}}, false},
		"product, test support":   {pkg{path: "starter/auth", imports: []string{ours("internal/postgres/postgrestest")}}, true},
		"cmd, golden suite":       {pkg{path: "cmd/voicehive", imports: []string{ours("connectors/contracttest")}}, false},
		"starter, golden suite":   {pkg{path: "starter", imports: []string{ours("connectors/contracttest")}}, true},
		"test, test support":      {pkg{path: "starter/auth", tests: []string{ours("internal/postgres/postgrestest")}}, false},
		"test support, of itself": {pkg{path: "connectors/contracttest", imports: []string{ours("internal/postgres/postgrestest")}}, false},
		"internal, command line":  {pkg{path: "internal/config", imports: []string{"github.com/spf13/cobra"}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong := refuse(tc.pkg)
			if tc.refuse {
				require.NotEmpty(t, wrong)
			} else {
				require.Empty(t, wrong)
			}
		})
	}
}

func TestSourceRules(t *testing.T) {
	t.Parallel()
	const head = "package mews\n\nimport (\n\t\"net/http\"\n\t\"testing\"\n\t\"time\"\n)\n\n"
	for name, tc := range map[string]struct {
		path, code string
		refuse     bool
	}{
		"vendor's words of HTTP": {"connectors/mews/a.go", "var x = http.MethodGet + http.StatusText(http.StatusOK)", false},
		"vendor's header":        {"connectors/mews/a.go", "func f(h http.Header, r *http.Request) {}", false},
		"vendor's client":        {"connectors/mews/a.go", "var c = http.Client{}", true},
		"vendor's call":          {"connectors/mews/a.go", "func f() { http.Get(\"\") }", true},
		"vendor's request":       {"connectors/mews/a.go", "func f() { http.NewRequest(\"\", \"\", nil) }", true},
		"vendor's test client":   {"connectors/mews/a_test.go", "var c = http.Client{}", false},
		"transport's client":     {"connectors/transport/a.go", "var c = http.Client{}", false},
		"a test that skips":      {"starter/a_test.go", "func TestA(t *testing.T) { t.Skip() }", true},
		"a test that skips late": {"starter/a_test.go", "func TestA(t *testing.T) { t.Skipf(\"\") }", true},
		"a skip that CI fails":   {"starter/a_test.go", "func f(t *testing.T) { if os.Getenv(\"CI\") == \"true\" { t.Fatal() }; t.Skip() }", false},
		"a test that sleeps":     {"starter/a_test.go", "func TestA(t *testing.T) { time.Sleep(1) }", true},
		"virtual time":           {"starter/a_test.go", "func TestA(t *testing.T) { synctest.Test(t, func(t *testing.T) { time.Sleep(1) }) }", false},
		"a product that sleeps":  {"starter/a.go", "func f() { time.Sleep(1) }", true},
		"a test with underscore": {"starter/a_test.go", "func TestA_B(t *testing.T) {}", true},
		"a test as it should be": {"starter/a_test.go", "func TestA(t *testing.T) {}", false},
		"an init":                {"starter/a.go", "func init() {}", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong := refuseSource(t, tc.path, []byte(head+tc.code+"\n"))
			require.Equal(t, tc.refuse, len(wrong) > 0, "%v", wrong)
		})
	}
}

func TestTextRules(t *testing.T) {
	t.Parallel()
	for text, refused := range map[string]bool{
		"image: postgres:15":                       false,
		"image: quay" + ".io/x/y:1":                true,
		"FROM docker" + ".io/library/golang":       true,
		"cd /ro" + "ot/project":                    true,
		"see \"/wo" + "rk/notes\"":                 true,
		"a framework/path and https://a.b/work/x/": false,
		"// TO" + "DO: later":                      true,
		"a day's todo list":                        false,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, refused, len(refuseText("a.txt", text)) > 0)
		})
	}
}
