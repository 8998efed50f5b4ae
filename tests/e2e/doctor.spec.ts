import { io } from 'socket.io-client'
import { SHIPPED_LIMITS } from '#hub/limits.ts'
import { expect, test } from '../support/fixtures.ts'
import { Phone } from '../support/phone.ts'

test('beside the code, the window shows what keeps the phone away, and follows what happens', async ({
  desktop,
  phones,
}) => {
  const { window } = desktop
  const open = window.getByTestId('doctor')
  await expect(open).toHaveAttribute('aria-expanded', 'false')
  await open.click()
  // The link of these tests is at loopback, which is no adapter's address.
  await expect(window.getByTestId('verdict')).toHaveAttribute('data-verdict', 'code-gone')
  await expect(window.getByTestId('verdict')).toContainText('127.0.0.1')
  await expect(window.getByTestId('seen-firewall')).toBeVisible()
  await expect(window.getByTestId('doctor-act')).toHaveCount(0)

  const phone = await Phone.join(phones, desktop.link())
  await window.getByTestId('add-phone').click()
  await window.getByTestId('doctor').click()
  await expect(window.getByTestId('verdict')).toHaveAttribute('data-verdict', 'reached')
  await window.getByTestId('doctor').click()
  await expect(window.getByTestId('verdict')).toHaveCount(0)
  await phone.close()
})

test('a page for which the computer has no room says so, and is let in by itself once there is', async ({
  desktop,
  phones,
}) => {
  const { origin } = new URL(desktop.link())
  const guests = Array.from({ length: SHIPPED_LIMITS.guestsFromHere }, () =>
    io(origin, { transports: ['websocket'], forceNew: true, reconnectionDelay: 100, reconnectionDelayMax: 100 }),
  )
  // The hub sends each away after ten seconds.
  for (const guest of guests) guest.on('disconnect', () => guest.connect())
  await expect.poll(() => guests.filter(({ connected }) => connected).length).toBe(guests.length)
  const phone = await Phone.open(phones, desktop.link())
  await expect(phone.page.getByTestId('why')).toHaveText(/takes no more just now/)
  for (const guest of guests) guest.off('disconnect').close()
  await phone.is('connected')
  await phone.close()
})
