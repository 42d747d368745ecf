# Each line: what is asked, what is wanted.
failed=0
expect() {
  if [ "$1" = "$2" ]; then echo "ok $2"
  else echo "wanted $2, got $1" >&2; failed=1
  fi
}
expect "$(fahrenheit 0)" 320
expect "$(fahrenheit 1000)" 2120
expect "$(fahrenheit -400)" -400
expect "$(reaction 699)" run
expect "$(reaction 700)" slow
expect "$(reaction 850)" off
exit "$failed"
