module github.com/voicehive/voicehive/compliance/pii/benchpeer

go 1.26.0

require github.com/voicehive/voicehive v0.0.0

require (
	github.com/hoophq/alcatraz v0.23.0
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/voicehive/voicehive => ../../..
