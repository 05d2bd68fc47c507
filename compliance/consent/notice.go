package consent

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NoticeVersion names the words that notices have now. A change of any word
// needs a new version beside the old ones, for proofs of calls name theirs.
const NoticeVersion = "2026-10"

// maxAddition bounds what a hotel adds, in characters.
const maxAddition = 500

// ErrNotice: the notice cannot be made: an unknown language, or an addition
// that is no plain text of at most 500 characters.
var ErrNotice = errors.New("consent: no notice in that language, or the hotel's addition is no plain text of at most 500 characters")

// notices tell a caller that it is a machine that answers: by version, in each
// language. They stand in the code because no hotel may do without.
var notices = map[string]map[string]string{
	"2026-10": {
		"en": "Hello. You are speaking with an automated assistant: artificial intelligence answers this call for the hotel.",
		"de": "Guten Tag. Sie sprechen mit einem automatischen Assistenten: Dieses Gespräch führt für das Hotel eine künstliche Intelligenz.",
		"fr": "Bonjour. Vous parlez avec un assistant automatique : une intelligence artificielle répond à cet appel pour l'hôtel.",
		"es": "Buenos días. Habla con un asistente automático: una inteligencia artificial atiende esta llamada en nombre del hotel.",
		"it": "Buongiorno. Sta parlando con un assistente automatico: un'intelligenza artificiale risponde a questa chiamata per l'hotel.",
		"nl": "Goedendag. U spreekt met een automatische assistent: kunstmatige intelligentie beantwoordt dit gesprek namens het hotel.",
		"pl": "Dzień dobry. Rozmawiają Państwo z automatycznym asystentem: na to połączenie odpowiada w imieniu hotelu sztuczna inteligencja.",
	},
}

// A Notice is what is played to a caller before anything else. It can only be
// made by NewNotice, so that what is proved holds the words of the law.
type Notice struct {
	version, language, addition, text string
	hash                              [32]byte
}

// NewNotice returns the notice in a language, followed by what the hotel wants
// to add: it can add, and not take away.
func NewNotice(language, addition string) (Notice, error) {
	return NoticeOf(NoticeVersion, language, addition)
}

// NoticeOf makes again the notice that a version had, to check a proof.
func NoticeOf(version, language, addition string) (Notice, error) {
	text := notices[version][language]
	addition = strings.TrimSpace(addition)
	if text == "" || !utf8.ValidString(addition) || utf8.RuneCountInString(addition) > maxAddition ||
		strings.ContainsFunc(addition, unicode.IsControl) {
		return Notice{}, ErrNotice
	}
	if addition != "" {
		text += " " + addition
	}
	return Notice{version: version, language: language, addition: addition, text: text, hash: sha256.Sum256([]byte(text))}, nil
}

// Version is that of the words.
func (n Notice) Version() string { return n.version }

// Text are the exact words to play.
func (n Notice) Text() string { return n.text }

// Language is the one that it is in.
func (n Notice) Language() string { return n.language }

// Addition is what the hotel added.
func (n Notice) Addition() string { return n.addition }

// Hash is the SHA-256 of Text in UTF-8.
func (n Notice) Hash() [32]byte { return n.hash }

// Validate fails for a notice that was not made by NewNotice.
func (n Notice) Validate() error {
	again, err := NoticeOf(n.version, n.language, n.addition)
	if err != nil || again != n {
		return fmt.Errorf("%w: make it with NewNotice", ErrNotice)
	}
	return nil
}
