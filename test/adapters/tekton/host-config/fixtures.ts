/** `host-config` as clusters have it, written from the shape of its keys. */

/** Names of hosts and addresses are invented; maxima are those of one large cluster. */
export function productionHostConfig(): Record<string, string> {
  const data: Record<string, string> = {
    'local-platforms': 'linux/x86_64,local,localhost,',
    'dynamic-platforms': 'linux/arm64, linux-mlarge/arm64,linux-d160-m4xlarge/amd64,',
    'instance-tag': 'builds-prod',
    'additional-instance-tags': 'Project=builds,Owner=platform',
  };
  for (const platform of ['linux-arm64', 'linux-mlarge-arm64', 'linux-d160-m4xlarge-amd64']) {
    data[`dynamic.${platform}.type`] = 'aws';
    data[`dynamic.${platform}.region`] = 'eu-west-1';
    data[`dynamic.${platform}.ami`] = 'ami-0123456789abcdef0';
    data[`dynamic.${platform}.max-instances`] = '250';
    data[`dynamic.${platform}.allocation-timeout`] = '1200';
  }
  const hosts = { ppc64le: 8, s390x: 7 };
  for (const [arch, count] of Object.entries(hosts)) {
    for (let place = 1; place <= count; place += 1) {
      data[`host.${arch}-static-${place}.address`] = `192.0.2.${place}`;
      data[`host.${arch}-static-${place}.user`] = 'root';
      data[`host.${arch}-static-${place}.platform`] = `linux/${arch}`;
      data[`host.${arch}-static-${place}.secret`] = `${arch}-ssh-key`;
      data[`host.${arch}-static-${place}.concurrency`] = '8';
    }
  }
  return data;
}
