// Two kafkajs consumers share a group, against the broker given as the only argument: the second joins, the first leaves,
// and every record is read once. Prints OK at the end.
const assert = require('assert')
const { Kafka, logLevel } = require('kafkajs')

const topic = 'js-shared'
const groupId = 'js-group'
const partitions = 6
const kafka = new Kafka({ clientId: 'groups', brokers: [process.argv[2]], logLevel: logLevel.ERROR })
const admin = kafka.admin()
const producer = kafka.producer()
const timesRead = new Map()
let sent = 0

async function eventually(what, condition) {
  const deadline = Date.now() + 90000
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`never: ${what}`)
    }
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

async function send() {
  const messages = [...Array(300).keys()].map(i => ({ value: `${sent + i}`, partition: i % partitions }))
  await producer.send({ topic, messages })
  sent += messages.length
}

async function join() {
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 200, maxWaitTimeInMs: 200 })
  const member = { consumer, assigned: [], read: 0 }
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => (member.assigned = payload.memberAssignment[topic] || []))
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      const value = message.value.toString()
      timesRead.set(value, (timesRead.get(value) || 0) + 1)
      member.read++
    },
  })
  return member
}

async function committed() {
  const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] })
  return offsets.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0)
}

// Only what is committed is read once: a rebalance before would let the next owner read it again.
const readAndCommitted = () =>
  eventually(`${sent} records read and committed`, async () => timesRead.size === sent && (await committed()) === sent)

const share = (...members) =>
  eventually(`${members.length} members share the partitions`, () => {
    const assigned = members.flatMap(member => member.assigned)
    return (
      assigned.length === partitions &&
      new Set(assigned).size === partitions &&
      members.every(member => member.assigned.length === partitions / members.length)
    )
  })

async function describe() {
  const { groups } = await admin.describeGroups([groupId])
  return groups[0]
}

async function main() {
  await admin.connect()
  await producer.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] })

  await send()
  const first = await join()
  await share(first)
  await readAndCommitted()
  assert.strictEqual(first.read, 300)

  const second = await join()
  await share(first, second)
  await send()
  await readAndCommitted()
  assert.deepStrictEqual([first.read, second.read], [450, 150])
  const shared = await describe()
  assert.deepStrictEqual([shared.state, shared.protocolType, shared.members.length], ['Stable', 'consumer', 2])

  await first.consumer.disconnect()
  await share(second)
  await send()
  await readAndCommitted()
  assert.strictEqual(second.read, 450)

  await second.consumer.disconnect()
  const left = await describe()
  assert.deepStrictEqual([left.state, left.members.length], ['Empty', 0])

  await send()
  const third = await join()
  await readAndCommitted()
  assert.strictEqual(third.read, 300)
  await third.consumer.disconnect()
  assert.deepStrictEqual([...new Set(timesRead.values())], [1])

  assert.ok((await admin.listGroups()).groups.some(group => group.groupId === groupId))
  await admin.deleteGroups([groupId])
  assert.ok(!(await admin.listGroups()).groups.some(group => group.groupId === groupId))
  await producer.disconnect()
  await admin.disconnect()
  console.log('OK')
}

main().catch(e => {
  console.error(e)
  process.exit(1)
})
