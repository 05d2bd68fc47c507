package erasure

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"

	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/erasure"
)

const (
	maxRecipientsFile = 256 << 10
	maxRecipients     = 64
)

// ErrRecipients: the file of recipients cannot be used.
var ErrRecipients = errors.New("erasure: the file of recipients is wrong")

// RecipientsFile names those who are told of erasures.
type RecipientsFile struct {
	Recipients []RecipientEntry `yaml:"recipients"`
}

// A RecipientEntry is one of them.
type RecipientEntry struct {
	Name string `yaml:"name"`
	// URL is where notices are posted, https only.
	URL string `yaml:"url"`
	// Key is the Ed25519 key that receipts are signed by, in base64.
	Key string `yaml:"key"`
	// Reference is which number of a booking is sent.
	Reference erasure.Numbering `yaml:"reference"`
	// Hotels are what the recipient calls each hotel; All sends our own ids of
	// all hotels.
	Hotels map[string]string `yaml:"hotels"`
	All    bool              `yaml:"all_hotels"`
}

var (
	recipientName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,62}$`)
	recipientID   = regexp.MustCompile(`^[\x21-\x7e]{1,128}$`)
)

// OpenRecipients reads the file of recipients; without a path there are none.
func OpenRecipients(path string) (f RecipientsFile, err error) {
	if path == "" {
		return f, nil
	}
	opened, err := os.Open(path)
	if err != nil {
		return f, err
	}
	defer opened.Close()
	text, err := io.ReadAll(io.LimitReader(opened, maxRecipientsFile+1))
	if err != nil {
		return f, err
	}
	return ParseRecipients(text)
}

// ParseRecipients reads and checks a file's text: a field that is not known is
// refused, for a slip of the pen must not leave somebody untold.
func ParseRecipients(text []byte) (f RecipientsFile, err error) {
	if len(text) > maxRecipientsFile {
		return f, fmt.Errorf("%w: it has more than %d bytes", ErrRecipients, maxRecipientsFile)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil {
		return f, fmt.Errorf("%w: %w", ErrRecipients, err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return f, fmt.Errorf("%w: it has more than one document", ErrRecipients)
	}
	if n := len(f.Recipients); n == 0 || n > maxRecipients {
		return f, fmt.Errorf("%w: it names %d recipients; name 1 to %d", ErrRecipients, n, maxRecipients)
	}
	seen := map[string]bool{}
	for i, e := range f.Recipients {
		err := e.check()
		if err == nil && seen[e.Name] {
			err = errors.New("its name stands there twice")
		}
		if err != nil {
			return f, fmt.Errorf("%w: recipient %d (%.64q): %w", ErrRecipients, i+1, e.Name, err)
		}
		seen[e.Name] = true
	}
	return f, nil
}

func (e RecipientEntry) check() error {
	if !recipientName.MatchString(e.Name) {
		return errors.New("name: small letters, digits, dots and dashes, at most 63")
	}
	u, err := url.Parse(e.URL)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return errors.New("url: must be https://host/path, without a login")
	}
	if _, err := e.key(); err != nil {
		return err
	}
	if e.Reference != erasure.ByReservation && e.Reference != erasure.ByBooking {
		return fmt.Errorf("reference: must be %s or %s", erasure.ByReservation, erasure.ByBooking)
	}
	if e.All == (len(e.Hotels) > 0) {
		return errors.New("say either all_hotels: true, or hotels with what the recipient calls each")
	}
	for hotel, id := range e.Hotels {
		if hotel == "" || !recipientID.MatchString(id) {
			return errors.New("hotels: each hotel needs the id that the recipient has for it, at most 128 visible characters")
		}
	}
	return nil
}

func (e RecipientEntry) key() (ed25519.PublicKey, error) {
	key, err := base64.StdEncoding.DecodeString(e.Key)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("key: must be an Ed25519 public key, 32 bytes in base64")
	}
	return key, nil
}

// Over are the recipients of the file, reached through a transport.
func (f RecipientsFile) Over(transport http.RoundTripper) (all []erasure.Recipient, err error) {
	for _, e := range f.Recipients {
		key, err := e.key()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRecipients, err)
		}
		all = append(all, recipient{entry: e, keys: attest.Keys{key}, client: noRedirect(transport)})
	}
	return all, nil
}
