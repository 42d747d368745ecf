/**
 * Names of time zones as the two policy formats take them. Penstock takes ids of the IANA
 * database only. GitLab also takes the names that Rails has for zones, and silently never
 * schedules a policy with any other name.
 */
import { knownTimeZone } from '../../core/schedule/time-zone.ts';
import { nearest } from '../nearest.ts';

/** Names of Rails that are neither an id nor the city of one. */
const RAILS_ONLY: Readonly<Record<string, string>> = {
  'Abu Dhabi': 'Asia/Muscat',
  Alaska: 'America/Juneau',
  'American Samoa': 'Pacific/Pago_Pago',
  Arizona: 'America/Phoenix',
  'Atlantic Time (Canada)': 'America/Halifax',
  Beijing: 'Asia/Shanghai',
  Bern: 'Europe/Zurich',
  Brasilia: 'America/Sao_Paulo',
  'Cape Verde Is.': 'Atlantic/Cape_Verde',
  'Central America': 'America/Guatemala',
  'Central Time (US & Canada)': 'America/Chicago',
  'Chatham Is.': 'Pacific/Chatham',
  Chennai: 'Asia/Kolkata',
  'Eastern Time (US & Canada)': 'America/New_York',
  Edinburgh: 'Europe/London',
  Ekaterinburg: 'Asia/Yekaterinburg',
  Georgetown: 'America/Guyana',
  Greenland: 'America/Nuuk',
  Guadalajara: 'America/Mexico_City',
  Hanoi: 'Asia/Bangkok',
  Hawaii: 'Pacific/Honolulu',
  'Indiana (East)': 'America/Indiana/Indianapolis',
  'International Date Line West': 'Etc/GMT+12',
  Islamabad: 'Asia/Karachi',
  'Marshall Is.': 'Pacific/Majuro',
  'Mid-Atlantic': 'Atlantic/South_Georgia',
  'Midway Island': 'Pacific/Midway',
  'Mountain Time (US & Canada)': 'America/Denver',
  Mumbai: 'Asia/Kolkata',
  'New Caledonia': 'Pacific/Noumea',
  'New Delhi': 'Asia/Kolkata',
  Newfoundland: 'America/St_Johns',
  "Nuku'alofa": 'Pacific/Tongatapu',
  Osaka: 'Asia/Tokyo',
  'Pacific Time (US & Canada)': 'America/Los_Angeles',
  Pretoria: 'Africa/Johannesburg',
  Quito: 'America/Lima',
  Samoa: 'Pacific/Apia',
  Sapporo: 'Asia/Tokyo',
  Saskatchewan: 'America/Regina',
  'Solomon Is.': 'Pacific/Guadalcanal',
  'Sri Jayawardenepura': 'Asia/Colombo',
  'St. Petersburg': 'Europe/Moscow',
  'Tokelau Is.': 'Pacific/Fakaofo',
  Wellington: 'Pacific/Auckland',
  'West Central Africa': 'Africa/Algiers',
};

/** Names of Rails that are the last part of an id. */
const RAILS_CITIES: Readonly<Record<string, string>> = {
  Africa: 'Cairo, Casablanca, Harare, Monrovia, Nairobi',
  America:
    'Bogota, Caracas, Chihuahua, La Paz, Lima, Mazatlan, Mexico City, Monterrey, Montevideo, Puerto Rico, Santiago, Tijuana',
  'America/Argentina': 'Buenos Aires',
  Asia:
    'Almaty, Baghdad, Baku, Bangkok, Chongqing, Dhaka, Hong Kong, Irkutsk, Jakarta, Jerusalem, Kabul, Kamchatka, Karachi, ' +
    'Kathmandu, Kolkata, Krasnoyarsk, Kuala Lumpur, Kuwait, Magadan, Muscat, Novosibirsk, Rangoon, Riyadh, Seoul, ' +
    'Singapore, Srednekolymsk, Taipei, Tashkent, Tbilisi, Tehran, Tokyo, Ulaanbaatar, Urumqi, Vladivostok, Yakutsk, Yerevan',
  Atlantic: 'Azores',
  Australia: 'Adelaide, Brisbane, Canberra, Darwin, Hobart, Melbourne, Perth, Sydney',
  Europe:
    'Amsterdam, Athens, Belgrade, Berlin, Bratislava, Brussels, Bucharest, Budapest, Copenhagen, Dublin, Helsinki, ' +
    'Istanbul, Kaliningrad, Kyiv, Lisbon, Ljubljana, London, Madrid, Minsk, Moscow, Paris, Prague, Riga, Rome, Samara, ' +
    'Sarajevo, Skopje, Sofia, Stockholm, Tallinn, Vienna, Vilnius, Volgograd, Warsaw, Zagreb, Zurich',
  Pacific: 'Auckland, Fiji, Guam, Port Moresby',
};

const RAILS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(RAILS_ONLY),
  ...Object.entries(RAILS_CITIES).flatMap(([region, cities]) =>
    cities.split(', ').map((city) => [city, `${region}/${city.replaceAll(' ', '_')}`] as const),
  ),
]);

/** The id that a name of Rails stands for; null for anything else. */
export function railsTimeZone(text: string): string | null {
  const id = RAILS.get(text);
  return id === undefined ? null : knownTimeZone(id);
}

/** Exactly as the database writes it: GitLab's reader minds the case. */
export function isTimeZoneId(text: string): boolean {
  return knownTimeZone(text) === text;
}

/** What a time zone must be, with what was probably meant by `text`. */
export function timeZoneAllowed(text: unknown): string {
  const allowed = 'must be an id of the IANA time zone database such as "Europe/Berlin" or "UTC"';
  if (typeof text !== 'string') return allowed;
  if (/^(UTC|GMT)?[+-]\d/.test(text)) return `${allowed}; an offset does not follow the clocks of any place`;
  const meant =
    knownTimeZone(text) ?? railsTimeZone(text) ?? nearest(text, Intl.supportedValuesOf('timeZone'));
  return meant === null ? allowed : `${allowed}; did you mean "${meant}"?`;
}
