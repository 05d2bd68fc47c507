package region

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrAddress is wrapped by every complaint about an address that cannot be
// read. The address is not quoted: it may hold a password.
var ErrAddress = errors.New("region: not an address that can be checked")

func addressError(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrAddress, fmt.Sprintf(format, args...))
}

// A Host is where a connection goes, in one form only: a name in lower case
// without a dot at its end, an IP address, or a socket of this machine. Media
// alone is told of ranges of addresses.
type Host struct {
	// Name is empty for an address and a socket.
	Name string
	// IP is the zero value for a name. IPv4 within IPv6 is IPv4.
	IP netip.Addr
	// Socket is the path of a Unix socket.
	Socket string
	// Range is where media's servers stand; never an end of a connection.
	Range netip.Prefix
}

// String is the name, the address, the range, or the word unix.
func (h Host) String() string {
	switch {
	case h.Socket != "":
		return "unix"
	case h.IP.IsValid():
		return h.IP.String()
	case h.Range.IsValid():
		return h.Range.String()
	}
	return h.Name
}

// local tells whether the host is this machine by its very name.
func (h Host) local() bool {
	return h.Socket != "" || h.IP.IsValid() && ownAddress(h.IP) || h.Range.IsValid() && ownAddress(h.Range.Addr()) ||
		h.Name == "localhost" || strings.HasSuffix(h.Name, ".localhost")
}

var labelPattern = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// ParseHost reads a host without port. Letters outside ASCII are refused, for
// they can look like others, and so are the forms of numbers that some
// resolvers take for an IPv4 address (127.1, 0x7f000001, 2130706433).
func ParseHost(text string) (Host, error) {
	if text == "" {
		return Host{}, addressError("the host is empty")
	}
	if ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")); err == nil {
		if ip.Zone() != "" {
			return Host{}, addressError("an address with a zone")
		}
		return Host{IP: ip.Unmap()}, nil
	}
	name := strings.TrimSuffix(strings.ToLower(text), ".")
	if len(name) > 253 {
		return Host{}, addressError("the host is longer than 253 characters")
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if !labelPattern.MatchString(label) {
			return Host{}, addressError("a host has labels of a-z, 0-9, - and _; write one with other letters in its xn-- form")
		}
	}
	if last := labels[len(labels)-1]; numberLike(last) {
		return Host{}, addressError("a number that resolvers read as an address; write it as 192.0.2.1")
	}
	return Host{Name: name}, nil
}

// numberLike tells whether a last label makes the whole an IPv4 address to
// some: no top-level domain is a number.
func numberLike(label string) bool {
	digits := strings.TrimPrefix(label, "0x")
	if digits != label {
		return strings.Trim(digits, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// Hosts reads the hosts of an endpoint's address: one, or several of a database
// with standbys. A database's address is a Postgres URL, an object store's a
// URL of its bucket; others are a URL or host:port.
func Hosts(role Role, address string) ([]Host, error) {
	switch {
	case len(address) > 4096:
		return nil, addressError("it is longer than 4096 characters")
	case strings.TrimSpace(address) == "":
		return nil, addressError("it is empty")
	case role == Database:
		return databaseHosts(address)
	case role == Objects:
		return objectHosts(address)
	case role == Media:
		host, err := mediaHost(address)
		return []Host{host}, err
	}
	// A proxy has its user there, and a mail relay; others do not need to.
	host, err := hostOf(address, role == Proxy || role == Messages)
	if err != nil {
		return nil, err
	}
	return []Host{host}, nil
}

// hostOf reads a URL, host:port, or a host alone.
func hostOf(address string, withUser bool) (Host, error) {
	if strings.ContainsAny(address, " \t\r\n\\") {
		return Host{}, addressError("it has a blank or a backslash in it")
	}
	if strings.Contains(address, "://") {
		return hostOfURL(address, withUser)
	}
	if strings.ContainsAny(address, "/@?#") {
		return Host{}, addressError("write host:port, or a whole URL")
	}
	if ip, err := netip.ParseAddr(address); err == nil {
		return ParseHost(ip.String())
	}
	if !strings.Contains(address, ":") {
		return ParseHost(address)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || !validPort(port) {
		return Host{}, addressError("write host:port")
	}
	return ParseHost(host)
}

func hostOfURL(address string, withUser bool) (Host, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Opaque != "" || u.Host == "":
		// gRPC's own form of a name: dns:///host:port.
		if target, ok := strings.CutPrefix(address, "dns:///"); ok && !strings.Contains(target, "/") {
			return hostOf(target, false)
		}
		return Host{}, addressError("the URL names no host")
	case u.User != nil && !withUser:
		return Host{}, addressError("a URL with a user in it; keep secrets apart")
	case u.Port() != "" && !validPort(u.Port()):
		return Host{}, addressError("the URL's port is no port")
	case strings.HasSuffix(u.Host, ":"), strings.Contains(u.Host, "%"):
		return Host{}, addressError("the URL's host is malformed")
	}
	return ParseHost(u.Hostname())
}

func validPort(port string) bool {
	if port == "" || len(port) > 5 || strings.Trim(port, "0123456789") != "" {
		return false
	}
	n := 0
	for _, digit := range port {
		n = 10*n + int(digit-'0')
	}
	return n >= 1 && n <= 65535
}

// databaseHosts asks the driver itself where it would connect: a Postgres URL
// may hold many hosts, in several ways. Ways that the driver reads from files,
// or that say one host and mean another, are refused.
func databaseHosts(address string) ([]Host, error) {
	if os.Getenv("PGSERVICE") != "" || refersElsewhere(address) {
		return nil, addressError("a database URL with hostaddr or a service file (or PGSERVICE is set); name the host itself")
	}
	config, err := pgconn.ParseConfig(address)
	if err != nil {
		// The driver's own error quotes the URL.
		return nil, addressError("a database URL looks like postgres://user:password@host:5432/database")
	}
	if !namesHost(address) {
		return nil, addressError("the database URL names no host")
	}
	var hosts []Host
	seen := map[string]bool{}
	for _, name := range append([]string{config.Host}, fallbacks(config)...) {
		if seen[name] {
			continue
		}
		seen[name] = true
		if strings.HasPrefix(name, "/") || strings.HasPrefix(name, "@") {
			hosts = append(hosts, Host{Socket: name})
			continue
		}
		host, err := ParseHost(name)
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, host)
	}
	return hosts, nil
}

var keyword = regexp.MustCompile(`(?i)(^|\s)(hostaddr|service|servicefile)\s*=`)

// refersElsewhere tells whether a database URL, or libpq's list of keywords,
// holds a parameter that overrules its host.
func refersElsewhere(address string) bool {
	if !strings.Contains(address, "://") {
		return keyword.MatchString(address)
	}
	_, query, _ := strings.Cut(address, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return true
	}
	for name := range values {
		if keyword.MatchString(strings.TrimSpace(name) + "=") {
			return true
		}
	}
	return false
}

// namesHost tells whether a database URL says where to go. Without a host the
// driver takes what it finds on this machine.
func namesHost(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		// A URL with several hosts and ports is none to net/url; "host=" is libpq's form.
		return strings.Contains(address, "://") || strings.Contains(address, "host=")
	}
	return u.Host != "" || u.Query().Get("host") != ""
}

func fallbacks(config *pgconn.Config) []string {
	names := make([]string, len(config.Fallbacks))
	for i, f := range config.Fallbacks {
		names[i] = f.Host
	}
	return names
}

// objectHosts reads the URL of a bucket as gocloud.dev/blob has it. A client of
// S3 without region goes to whichever it thinks of, so there must be one.
func objectHosts(address string) ([]Host, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, addressError("a bucket's URL looks like s3://bucket?region=eu-central-1")
	}
	query := u.Query()
	if endpoint := query.Get("endpoint"); endpoint != "" {
		host, err := hostOf(endpoint, false)
		return []Host{host}, err
	}
	switch u.Scheme {
	case "file", "mem":
		return []Host{{Socket: u.Scheme}}, nil
	case "s3":
		region := query.Get("region")
		if region == "" {
			return nil, addressError("the bucket's URL has no region; write s3://bucket?region=eu-central-1")
		}
		host, err := ParseHost("s3." + region + ".amazonaws.com")
		return []Host{host}, err
	case "gs":
		return []Host{{Name: "storage.googleapis.com"}}, nil
	case "azblob":
		return nil, addressError("the bucket's URL does not say its host; give endpoint=https://<account>.blob.core.windows.net")
	}
	host, err := hostOf(address, false)
	return []Host{host}, err
}
