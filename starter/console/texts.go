package console

import (
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/rights"
)

// A reason is a word that a form sends, with what it means.
type reason struct{ Word, Text string }

// extendReasons are those of Article 12(3) GDPR.
func extendReasons() []reason {
	return []reason{
		{"complexity", "The request is complex"},
		{"number", "There are many requests"},
	}
}

// refuseReasons are why a request may be refused.
func refuseReasons() []reason {
	return []reason{
		{"identity", "It cannot be told who asks (Article 12(2))"},
		{"excessive", "It is manifestly unfounded or excessive (Article 12(5))"},
		{"legal_obligation", "A law makes the hotel keep it (Article 17(3)(b))"},
		{"legal_claims", "It is needed for legal claims (Article 17(3)(e))"},
		{"rights_of_others", "It would harm the rights of others (Article 15(4))"},
		{"compelling_grounds", "There are compelling grounds (Article 21(1))"},
		{"stay_ahead", "A stay is ahead, and the booking needs it"},
	}
}

// channelTexts say how a request came.
var channelTexts = map[rights.Channel]string{
	rights.ByAPI: "by another system", rights.ByConsole: "written down here", rights.ByCLI: "by an operator", rights.FoundInCall: "said in a call",
}

// proofTexts say how somebody proved who they are.
var proofTexts = map[rights.Proof]string{
	rights.ByCode: "by a code", rights.ByPeople: "by two people", rights.NotNeeded: "none needed",
}

// verdictText says what a verdict means where no statute does.
func verdictText(a erasure.Action) string {
	return map[erasure.Action]string{
		erasure.Erase:    "Nothing keeps it",
		erasure.Restrict: "Kept, and used for nothing else",
		erasure.Hold:     "A legal hold keeps it",
		erasure.Defer:    "A stay is ahead or under way",
		erasure.Manual:   "A person has to do it",
		erasure.Keep:     "Tells of nobody once the rest is gone",
	}[a]
}

// verdictBadge colours a verdict; the word in it says the same.
func verdictBadge(a erasure.Action) string {
	switch a {
	case erasure.Erase:
		return "good"
	case erasure.Hold, erasure.Manual:
		return "bad"
	case erasure.Restrict, erasure.Defer:
		return "warn"
	}
	return ""
}
