package breach

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/voicehive/voicehive/compliance/breach"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/notify"
)

// letter is the first notice to a hotel: from the house to a business, so it is
// in the house's language. It holds no facts, for a mailbox is no safe place.
func letter(b breach.Breach, hotel registry.Hotel, to string) notify.Message {
	kinds := make([]string, len(b.Kinds))
	for i, kind := range b.Kinds {
		kinds[i] = string(kind)
	}
	digest := sha256.Sum256([]byte("breach " + b.ID + " " + hotel.ID))
	at := func(t time.Time) string { return t.UTC().Format("2 January 2006 15:04 UTC") }
	return notify.Message{
		ID: "breach-" + hex.EncodeToString(digest[:16]), Channel: notify.Email, To: to, From: "VoiceHive", Language: "en",
		Subject: "Notice of a personal data breach (Article 33(2) GDPR), number " + b.ID,
		Text: fmt.Sprintf(`To the controller of %s

As your processor we tell you of a personal data breach that may concern your guests.

Number: %s
Kind: %s
We became aware of it on %s.

As controller you may have to notify your supervisory authority within %d hours of becoming aware of it. Counted from our own awareness, which is the safest reading, the time that we watch for you ends on %s.

One of our officers tells you, on a way that is safer than e-mail, what is known so far: which categories of data and about how many guests and records it concerns, what is likely to follow, and what is done about it. What is not known yet follows in phases.

Please confirm to our officer that you have read this.
`, hotel.Name, b.ID, strings.Join(kinds, ", "), at(b.Aware), b.AuthorityDue.Sub(b.Aware)/time.Hour, at(b.AuthorityDue)),
	}
}
