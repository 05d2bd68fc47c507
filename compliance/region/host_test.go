package region_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/region"
)

func TestHostsHaveOneForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"db.example":         "db.example",
		"DB.Example.":        "db.example",
		"xn--80ak6aa92e.com": "xn--80ak6aa92e.com",
		"a_b.example":        "a_b.example",
		"192.0.2.1":          "192.0.2.1",
		"::ffff:127.0.0.1":   "127.0.0.1",
		"::FFFF:7f00:1":      "127.0.0.1",
		"[2001:db8::1]":      "2001:db8::1",
		"1password.example":  "1password.example",
	} {
		h, err := region.ParseHost(text)
		require.NoError(t, err, text)
		require.Equal(t, want, h.String())
	}
}

func TestHostsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", ".", "..", "a..b", ".a", "a b", "a/b", "a@b", "a:b", "-a.example", "a-.example", "exämple.eu",
		"rds.аmazonaws.com", // with a Cyrillic letter
		"amazonaws。com", "ａmazonaws.com", "a\x00b", "a%2eb", "a\\b",
		"127.1", "127.0.0.01", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "1.2.3.4.5", "1.2.3.256", "a.0x", "a.123",
		"fe80::1%eth0", strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 127) + "example",
	} {
		_, err := region.ParseHost(text)
		require.ErrorIs(t, err, region.ErrAddress, "%q", text)
	}
}

func TestHostsOfAddresses(t *testing.T) {
	t.Setenv("PGSERVICE", "")
	for _, test := range []struct {
		role    region.Role
		address string
		want    []string // none: refused
	}{
		{region.Vault, "https://Vault.Example.:8200/v1", []string{"vault.example"}},
		{region.Vault, "https://user:hush@vault.example", nil},
		{region.Vault, "https://eu-central-1.amazonaws.com@evil.example/", nil},
		{region.Vault, "https://vault.example:0", nil},
		{region.Vault, "https://vault.example:", nil},
		{region.Vault, "https://vault.example:99999", nil},
		{region.Vault, "https:///v1", nil},
		{region.Vault, "https:vault.example", nil},
		{region.Vault, "https://vault.example\\@evil.example", nil},
		{region.Vault, "https://vault%2eexample", nil},
		{region.Vault, "https://[::1]:8200", []string{"::1"}},
		{region.Vault, "https://0x7f000001/", nil},
		{region.Vault, " ", nil},
		{region.Speech, "riva.example:50051", []string{"riva.example"}},
		{region.Speech, "dns:///riva.example:50051", []string{"riva.example"}},
		{region.Speech, "dns://resolver.example/riva.example:50051", []string{"resolver.example"}}, // and so refused by its name
		{region.Speech, "riva.example", []string{"riva.example"}},
		{region.Speech, "riva.example:50051/x", nil},
		{region.Speech, "user@riva.example:50051", nil},
		{region.Speech, "[::1]:50051", []string{"::1"}},
		{region.Speech, "::1", []string{"::1"}},
		{region.Speech, "riva.example:http", nil},
		{region.Proxy, "http://user:hush@proxy.example:3128", []string{"proxy.example"}},
		{region.Messages, "smtp://user@relay.example:587?ca=x", []string{"relay.example"}},
		{region.Proxy, "proxy.example:3128", []string{"proxy.example"}},
		{region.Database, "postgres://u:p@db.example:5432/x?sslmode=require", []string{"db.example"}},
		{region.Database, "postgres://u:p@a.example:5432,b.example:5433/x", []string{"a.example", "b.example"}},
		{region.Database, "postgres://u:p@/x?host=a.example,evil.example", []string{"a.example", "evil.example"}},
		{region.Database, "postgres://u:p@a.example/x?host=evil.example", []string{"evil.example"}}, // where the driver goes
		{region.Database, "host=a.example,b.example user=u dbname=x", []string{"a.example", "b.example"}},
		{region.Database, "postgres://u:p@a.example/x?hostaddr=203.0.113.1", nil},
		{region.Database, "postgres://u:p@a.example/x?%68ostaddr=203.0.113.1", nil},
		{region.Database, "host=a.example hostaddr=203.0.113.1", nil},
		{region.Database, "host=a.example  HOSTADDR = '203.0.113.1'", nil},
		{region.Database, "postgres://u:p@a.example/x?service=elsewhere", nil},
		{region.Database, "postgres://u:p@a.example/x?servicefile=/tmp/x", nil},
		{region.Database, "service=elsewhere", nil},
		{region.Database, "postgres://u:p@/x", nil},
		{region.Database, "user=u dbname=x", nil},
		{region.Database, "postgres://u:p@2130706433/x", nil},
		{region.Database, "postgres:///x?host=/var/run/postgresql", []string{"unix"}},
		{region.Objects, "s3://bucket?region=eu-central-1", []string{"s3.eu-central-1.amazonaws.com"}},
		{region.Objects, "s3://bucket", nil},
		{region.Objects, "s3://bucket?region=eu-central-1.evil.example%2F", nil},
		{region.Objects, "s3://bucket?region=eu-central-1&endpoint=https://s3.amazonaws.com", []string{"s3.amazonaws.com"}},
		{region.Objects, "gs://bucket", []string{"storage.googleapis.com"}},
		{region.Objects, "azblob://container", nil},
		{region.Objects, "file:///var/objects", []string{"unix"}},
	} {
		hosts, err := region.Hosts(test.role, test.address)
		if test.want == nil {
			require.ErrorIs(t, err, region.ErrAddress, test.address)
			require.NotContains(t, err.Error(), "hush")
			continue
		}
		require.NoError(t, err, test.address)
		var got []string
		for _, h := range hosts {
			got = append(got, h.String())
		}
		require.Equal(t, test.want, got, test.address)
	}
	t.Setenv("PGSERVICE", "elsewhere")
	_, err := region.Hosts(region.Database, "postgres://u:p@db.example/x")
	require.ErrorIs(t, err, region.ErrAddress)
}

// FuzzParseHost: what is let in is in its one form, and means the same to those
// who read addresses otherwise.
func FuzzParseHost(f *testing.F) {
	for _, seed := range []string{"a.example", "A.Example.", "127.1", "0x7f.1", "::ffff:1.2.3.4", "xn--a", "ä.eu", "[::1]", "localhost.", "1.2.3.4."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := region.ParseHost(text)
		if err != nil {
			return
		}
		again, err := region.ParseHost(h.String())
		if err != nil || again != h {
			t.Fatalf("%q becomes %q and then %q, %v", text, h, again, err)
		}
		for _, letter := range h.Name {
			if letter > 'z' || 'A' <= letter && letter <= 'Z' {
				t.Fatalf("%q keeps %q", text, letter)
			}
		}
		if strings.HasSuffix(h.Name, ".") || h.Name == "" && !h.IP.IsValid() {
			t.Fatalf("%q becomes %q", text, h)
		}
		if h.IP.IsValid() && (h.IP.Is4In6() || h.IP.Zone() != "") {
			t.Fatalf("%q becomes %q", text, h)
		}
		if _, err := netip.ParseAddr(h.Name); err == nil {
			t.Fatalf("%q is an address and became a name", text)
		}
	})
}
