package notify

import (
	"errors"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// ErrAddress is the answer to what is no address. It does not quote it.
var ErrAddress = errors.New("notify: not an address: want one e-mail address without a name, or a phone number in E.164 form")

// RFC 5321 bounds a path to 256 bytes with its brackets, a local part to 64.
const (
	maxEmail = 254
	maxLocal = 64
)

// An EmailAddress is one that was read and can be sent to.
type EmailAddress struct {
	// Local is the part before the @, in Unicode's composed form. It is not
	// folded: only its own server may say that capitals mean nothing.
	Local string
	// Domain is in the ASCII form that mail servers are found by.
	Domain string
}

// String is the address as it stands on an envelope.
func (a EmailAddress) String() string { return a.Local + "@" + a.Domain }

// International tells that the part before the @ is not ASCII, so that only a
// mail server with SMTPUTF8 can take it.
func (a EmailAddress) International() bool {
	return strings.ContainsFunc(a.Local, func(r rune) bool { return r >= utf8.RuneSelf })
}

// ParseEmail reads one e-mail address and nothing around it: no name, no
// brackets, no list, no comment. Quoted local parts and addresses of bare hosts
// or numbers are refused: no guest has one, and attackers love them.
func ParseEmail(s string) (EmailAddress, error) {
	if len(s) > maxEmail || !utf8.ValidString(s) {
		return EmailAddress{}, ErrAddress
	}
	local, domain, found := strings.Cut(s, "@")
	if !found {
		return EmailAddress{}, ErrAddress
	}
	local = norm.NFC.String(local)
	if !validLocal(local) {
		return EmailAddress{}, ErrAddress
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || !validDomain(ascii) {
		return EmailAddress{}, ErrAddress
	}
	a := EmailAddress{Local: local, Domain: ascii}
	if len(a.String()) > maxEmail {
		return EmailAddress{}, ErrAddress
	}
	return a, nil
}

// validLocal accepts RFC 5321's dot-string, and letters of all scripts in it
// as RFC 6531 does.
func validLocal(local string) bool {
	if local == "" || len(local) > maxLocal || strings.HasPrefix(local, ".") ||
		strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return false
	}
	for _, r := range local {
		switch {
		case r < utf8.RuneSelf && (r == '.' || atext(r)):
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)):
		default:
			return false
		}
	}
	return true
}

func atext(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
		strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

var labelPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// ValidHost accepts a full name of a host in ASCII, such as mail.example.org.
func ValidHost(name string) bool { return validDomain(name) }

// validDomain accepts a name of two or more labels whose last is no number.
func validDomain(ascii string) bool {
	labels := strings.Split(ascii, ".")
	if len(ascii) > 253 || len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if !labelPattern.MatchString(label) {
			return false
		}
	}
	return strings.ContainsFunc(labels[len(labels)-1], unicode.IsLetter)
}

// phonePattern is E.164: a plus, and 7 to 15 digits that begin with no zero.
var phonePattern = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// ParsePhone reads one phone number in E.164 form and nothing around it.
func ParsePhone(s string) (string, error) {
	if !phonePattern.MatchString(s) {
		return "", ErrAddress
	}
	return s, nil
}
