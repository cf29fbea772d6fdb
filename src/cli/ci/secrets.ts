/** Which of the exported values look like secrets. */

const SECRET_NAME = /SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY/i;
/** The password in a URL such as `postgres://me:secret@127.0.0.1/test`. */
const PASSWORD_IN_URL = /^[a-z][\w+.-]*:\/\/[^\s:/@]*:([^\s@]+)@/i;

export function secretsIn(variables: Readonly<Record<string, string>>): string[] {
	const found = Object.entries(variables).flatMap(([name, value]) => {
		const [, password] = PASSWORD_IN_URL.exec(value) ?? [];
		return [...(SECRET_NAME.test(name) ? [value] : []), ...(password === undefined ? [] : [password])];
	});
	return [...new Set(found)];
}
