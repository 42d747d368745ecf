# Tenths of a degree Celsius to tenths of a degree Fahrenheit.
fahrenheit() { echo $(($1 * 9 / 5 + 320)); }

# What a device does at that many tenths of a degree Celsius.
reaction() {
  if [ "$1" -ge 850 ]; then echo off
  elif [ "$1" -ge 700 ]; then echo slow
  else echo run
  fi
}
