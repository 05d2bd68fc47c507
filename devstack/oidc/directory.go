package oidc

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"time"

	"gopkg.in/yaml.v3"
)

const (
	maxDirectoryBytes  = 1 << 20
	maxTokenLifetime   = 24 * time.Hour
	defaultTokenLife   = time.Hour
	defaultAudience    = "voicehive"
	maxDirectoryPeople = 1000
)

//go:embed users.yaml
var sample []byte

// Directory is the closed set of people, machines and clients the provider
// knows.
type Directory struct {
	// Audience of access tokens.
	Audience string `yaml:"audience"`
	// TokenLifetime of all tokens.
	TokenLifetime time.Duration `yaml:"token_lifetime"`
	Users         []User        `yaml:"users"`
	Clients       []Client      `yaml:"clients"`
}

// User is a person on the login page and, with a secret, a machine.
type User struct {
	ID     string   `yaml:"id"`
	Name   string   `yaml:"name"`
	Roles  []string `yaml:"roles"`
	Hotels []string `yaml:"hotels"`
	Secret string   `yaml:"secret"`
}

// Client is a program that sends browsers here to log in. Without a secret it
// is public and has to use PKCE.
type Client struct {
	ID           string   `yaml:"id"`
	Secret       string   `yaml:"secret"`
	RedirectURIs []string `yaml:"redirect_uris"`
}

// Sample is the directory that ships with the package.
func Sample() (*Directory, error) { return ParseDirectory(sample) }

// ReadDirectory reads a directory from a YAML file of at most 1 MiB.
func ReadDirectory(path string) (*Directory, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the users file: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxDirectoryBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the users file: %w", err)
	}
	if len(text) > maxDirectoryBytes {
		return nil, fmt.Errorf("the users file is larger than %d bytes", maxDirectoryBytes)
	}
	return ParseDirectory(text)
}

// ParseDirectory reads YAML strictly: an unknown field is an error.
func ParseDirectory(text []byte) (*Directory, error) {
	d := &Directory{Audience: defaultAudience, TokenLifetime: defaultTokenLife}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(d); err != nil {
		return nil, fmt.Errorf("users file: %w", err)
	}
	if err := d.validate(); err != nil {
		return nil, fmt.Errorf("users file: %w", err)
	}
	return d, nil
}

func (d *Directory) validate() error {
	if d.TokenLifetime <= 0 || d.TokenLifetime > maxTokenLifetime {
		return fmt.Errorf("token_lifetime must be between 1s and %s", maxTokenLifetime)
	}
	if d.Audience == "" {
		return errors.New("audience must not be empty")
	}
	if len(d.Users) == 0 {
		return errors.New("users must name at least one user")
	}
	if len(d.Users)+len(d.Clients) > maxDirectoryPeople {
		return fmt.Errorf("more than %d users and clients", maxDirectoryPeople)
	}
	// Users and clients share one namespace: both authenticate at the token
	// endpoint by id.
	seen := map[string]bool{}
	for _, user := range d.Users {
		if user.ID == "" || seen[user.ID] {
			return fmt.Errorf("user id %q is empty or used twice", user.ID)
		}
		seen[user.ID] = true
	}
	for _, client := range d.Clients {
		if client.ID == "" || seen[client.ID] {
			return fmt.Errorf("client id %q is empty or used twice", client.ID)
		}
		seen[client.ID] = true
		for _, uri := range client.RedirectURIs {
			if err := validateRedirect(uri); err != nil {
				return fmt.Errorf("client %q: redirect_uris: %w", client.ID, err)
			}
		}
	}
	return nil
}

func validateRedirect(uri string) error {
	u, err := url.Parse(uri)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("%q is not an absolute http or https address without fragment", uri)
	}
	return nil
}

func (d *Directory) user(id string) (User, bool) {
	for _, user := range d.Users {
		if user.ID == id {
			return user, true
		}
	}
	return User{}, false
}

func (d *Directory) client(id string) (Client, bool) {
	for _, client := range d.Clients {
		if client.ID == id {
			return client, true
		}
	}
	return Client{}, false
}

// machine authenticates a user for the client_credentials grant.
func (d *Directory) machine(id, secret string) (User, bool) {
	user, ok := d.user(id)
	return user, ok && user.Secret != "" && sameSecret(user.Secret, secret)
}

// authenticate checks a client at the token endpoint. A public client has no
// secret to show; PKCE stands in for it.
func (d *Directory) authenticate(id, secret string) (Client, bool) {
	client, ok := d.client(id)
	if !ok {
		return Client{}, false
	}
	if client.Secret == "" {
		return client, secret == ""
	}
	return client, sameSecret(client.Secret, secret)
}

// sameSecret compares in constant time; hashing hides the lengths.
func sameSecret(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// allows tells whether the client may receive a browser at uri. Matching is
// exact, except that a loopback address registered without a port matches every
// port, as RFC 8252 section 7.3 has it.
func (c Client) allows(uri string) bool {
	given, err := url.Parse(uri)
	if err != nil || validateRedirect(uri) != nil {
		return false
	}
	for _, registered := range c.RedirectURIs {
		if registered == uri {
			return true
		}
		want, err := url.Parse(registered)
		if err != nil || want.Port() != "" || !loopback(want.Hostname()) {
			continue
		}
		anyPort := *given
		anyPort.Host = want.Host
		if given.Hostname() == want.Hostname() && anyPort.String() == want.String() {
			return true
		}
	}
	return false
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
