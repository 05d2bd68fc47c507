package lint

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dialled are names that connect to anywhere, by the package that has them.
// Product code connects through the region guard, which knows where that is.
var dialled = map[string][]string{
	"net": {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer", "DefaultResolver", "Resolver",
		"LookupHost", "LookupIP", "LookupAddr", "LookupCNAME", "LookupMX", "LookupNS", "LookupPort", "LookupSRV", "LookupTXT"},
	"net/http":                          {"DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm", "ProxyFromEnvironment"},
	"net/smtp":                          {"Dial", "SendMail"},
	"net/rpc":                           {"Dial", "DialHTTP", "DialHTTPPath"},
	"crypto/tls":                        {"Dial", "DialWithDialer", "Dialer"},
	"google.golang.org/grpc":            {"Dial", "DialContext"},
	"github.com/jackc/pgx/v5":           {"Connect", "ConnectConfig", "ConnectWithOptions"},
	"github.com/jackc/pgx/v5/pgconn":    {"Connect", "ConnectConfig", "ConnectWithOptions"},
	"github.com/jackc/pgx/v5/pgxpool":   {"New"},
	"go.temporal.io/sdk/client":         {"Dial", "NewLazyClient", "NewClient"},
	"github.com/coder/websocket":        {"Dial"},
	"github.com/gorilla/websocket":      {"DefaultDialer", "Dialer"},
	"github.com/hashicorp/vault/api":    {"DefaultConfig"},
	"github.com/coreos/go-oidc/v3/oidc": {},
}

// freeToDial are files and folders that connect without the guard, and why.
var freeToDial = map[string]string{
	"compliance/region":                  "it is the guard",
	"deploy":                             "programs that ask their own container",
	"devstack":                           "a development server, not the product",
	"cmd/voicehive/internal/stack":       "the development stack on this machine",
	"internal/postgres/cluster":          "a private database server on this machine, for development",
	"connectors/sandbox":                 "a simulated hotel system, for development",
	"internal/vault/client.go":           "its options name the guard's dialer; without one, as in tests, any",
	"internal/notify/email/options.go":   "its options name the guard's dialer; without one, as in tests, any",
	"starter/auth/authenticator.go":      "its options name a client with the guard's transport; without one, as in tests, any",
	"connectors/transport/stack.go":      "its options name the guard; without one, as in tests, any",
	"connectors/credentials/identity.go": "it is given the stack's client, which has a transport",
	"starter/api/client":                 "the client of our own API, for the verbs that a person runs",
	"compliance/audit/policy.go":         "its caller names the client; without one, as in tests, any",
	"internal/telemetry/traces.go":       "its options name the guard's dialer; without one, as in tests, any",
	"starter/codec/login.go":             "its options name a client with the guard's transport; without one, as in tests, any",
}

// forTests tells whether a file serves tests or tools only.
func forTests(file string) bool {
	return strings.HasSuffix(file, "_test.go") || isTestSupport(path.Dir(file)) || strings.HasPrefix(file, "vaulttest/") || strings.HasPrefix(file, "objectstest/") || strings.HasPrefix(file, "oscaltest/") || strings.HasPrefix(file, "tools/")
}

// freedBy is the exception that a file falls under, or "".
func freedBy(file string) string {
	for place := range freeToDial {
		if within(file, place) {
			return place
		}
	}
	return ""
}

// refuseDials tells where a file connects to anywhere.
func refuseDials(t *testing.T, file string, source []byte) []string {
	t.Helper()
	if forTests(file) || freedBy(file) != "" {
		return nil
	}
	return dialsIn(t, file, source)
}

func dialsIn(t *testing.T, file string, source []byte) []string {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, source, parser.SkipObjectResolution)
	require.NoError(t, err)
	imports := map[string]string{} // by the name in this file
	var wrong []string
	add := func(at token.Pos, what string) {
		wrong = append(wrong, fmt.Sprintf("%s: %s connects to anywhere: take a dial function, and let cmd give it the region guard's", set.Position(at), what))
	}
	for _, spec := range parsed.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		name := packageName(target)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." && dialled[target] != nil {
			add(spec.Pos(), "a dot import of "+target)
		}
		imports[name] = target
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && slices.Contains(dialled[imports[x.Name]], n.Sel.Name) {
				add(n.Pos(), imports[x.Name]+"."+n.Sel.Name)
			}
		case *ast.CompositeLit:
			if what := openLiteral(n, imports); what != "" {
				add(n.Pos(), what)
			}
		}
		return true
	})
	return wrong
}

// openLiteral names a client without a transport, or a transport without a
// dialer: both use the default ones.
func openLiteral(n *ast.CompositeLit, imports map[string]string) string {
	s, ok := n.Type.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, ok := s.X.(*ast.Ident)
	if !ok || imports[x.Name] != "net/http" {
		return ""
	}
	needs := map[string]string{"Client": "Transport", "Transport": "DialContext"}[s.Sel.Name]
	if needs == "" {
		return ""
	}
	for _, element := range n.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == needs {
				return ""
			}
		}
	}
	return "an http." + s.Sel.Name + " without " + needs
}

// packageName guesses a package's name from its path.
func packageName(target string) string {
	last := path.Base(target)
	if len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		last = path.Base(path.Dir(target))
	}
	return last
}

func TestNobodyDialsPastTheGuard(t *testing.T) {
	t.Parallel()
	seen, used := 0, map[string]bool{}
	walk(t, func(file string, content []byte) {
		if filepath.Ext(file) != ".go" {
			return
		}
		seen++
		for _, wrong := range refuseDials(t, file, content) {
			t.Error(wrong)
		}
		if place := freedBy(file); place != "" && !forTests(file) && len(dialsIn(t, file, content)) > 0 {
			used[place] = true
		}
	})
	require.Greater(t, seen, 100)
	for place := range freeToDial {
		require.True(t, used[place], "%s dials nothing: take the exception away", place)
	}
}

func TestDialsAreSeen(t *testing.T) {
	t.Parallel()
	const head = "package a\n\nimport (\n\t\"net\"\n\t\"net/http\"\n\t\"crypto/tls\"\n\tpg \"github.com/jackc/pgx/v5\"\n\t\"go.temporal.io/sdk/client\"\n)\n\n"
	for code, refused := range map[string]bool{
		`var _, _ = net.Dial("tcp", "x")`:                                        true,
		`var _ = net.Dialer{}`:                                                   true,
		`var _ = (&net.Dialer{}).DialContext`:                                    true,
		`var _ = new(net.Dialer)`:                                                true,
		`var _, _ = net.LookupHost("x")`:                                         true,
		`var _ = http.DefaultClient`:                                             true,
		`var _ = http.DefaultTransport`:                                          true,
		`var _, _ = http.Get("x")`:                                               true,
		`var _ = http.Client{}`:                                                  true,
		`var _ = &http.Client{Timeout: 1}`:                                       true,
		`var _ = http.Transport{}`:                                               true,
		`var _ = &http.Client{Transport: nil}`:                                   false,
		`var _ = &http.Transport{DialContext: nil}`:                              false,
		`var _, _ = tls.Dial("tcp", "x", nil)`:                                   true,
		`var _, _ = pg.Connect(nil, "x")`:                                        true,
		`var _, _ = client.Dial(client.Options{})`:                               true,
		`var _, _ = net.Listen("tcp", "x")`:                                      false,
		`var _ = net.JoinHostPort("x", "1")`:                                     false,
		`func f(c *http.Client, d interface{ Dial() }) { c.Get("x"); d.Dial() }`: false,
	} {
		wrong := refuseDials(t, "starter/a.go", []byte(head+code+"\n"))
		require.Equal(t, refused, len(wrong) > 0, "%s: %v", code, wrong)
	}
	aliased := []byte("package a\n\nimport web \"net/http\"\n\nvar _ = web.DefaultClient\n")
	require.NotEmpty(t, refuseDials(t, "starter/a.go", aliased))
	dot := []byte("package a\n\nimport . \"net\"\n\nvar _ = Dialer{}\n")
	require.NotEmpty(t, refuseDials(t, "starter/a.go", dot))
	require.Empty(t, refuseDials(t, "compliance/region/a.go", aliased))
	require.Empty(t, refuseDials(t, "starter/a_test.go", aliased))
}
