package sink

// ParseMail reads a mail.
var ParseMail = parseMail
