/**
 * What people say for what documents say, a group a line, words and phrases apart by commas; in English and in the
 * languages that homeowners write most. A group stands for one thing, however it is said.
 */
const GROUPS = `
bin, bins, get rid of, dispose, disposal, throw away, trash, garbage, rubbish, refuse, dustbin, waste, poubelle, poubelles, ordures, müll, abfall, mülltonne, tonne, basura, śmieci
collected, collection, collect, collects, picked up, pick up, pickup, bin day, ramassées, ramassage, ramasse, abgeholt, abholung, geleert, recogen, recogida, odbierane, wywóz
missed, forgot, forgotten, skipped, not emptied, not collected, did not come
recycling, recycle, recyclage, reciclaje, recykling
cardboard, card, carton
bulky, sofa, couch, settee, armchair, mattress, wardrobe, fridge, sperrmüll, encombrants
charger, charging, charge, charged, chargers, ev, electric vehicle, electric car, electric cars, elektroauto, ladestation, voiture électrique, borne de recharge, recharger, coche eléctrico, cargador, cargar, samochód elektryczny, naładować, ładowarka
park, parking, parked, car park, parking space, stationner, stationnement, garer, parken, parkplatz, aparcar, aparcamiento, estacionar, parkować, zaparkować
visitor, visitors, guest, guests, visiteurs, invités, besucher, gäste, visitas, invitados, goście
permit, permits, parking permit, parkausweis
bicycle, bicycles, bike, bikes, cycle, fahrrad, vélo, bicicleta, rower
heating, heat, heated, heats, chauffage, heizung, calefacción, ogrzewanie
radiator, radiators, heizkörper, radiateur, radiateurs, radiador, kaloryfer
hot water, warmwasser, eau chaude, agua caliente
holiday, vacation, away, going away, urlaub, vacances, vacaciones, urlop
laundry, clothes, washing, linge, wäsche
oven, hob, cooker, dishwasher, washer, washing machine, washer dryer, appliance, appliances
covered, cover, covers, warranty, warranties, guarantee, guaranteed, garantie, garantía, gwarancja
break, breaks, broken, stops working, stopped working, not working, faulty, fault, faults, repair, repairs, kaputt, défaut, panne, roto, zepsuty
snag, snags, defect, defects, snagging, mangel, mängel
scratch, scratched, scratches, chip, chips
broadband, internet, fibre, fiber, wlan
fibre box, internet box, optical terminal, ont
wifi, wi fi, wireless
satellite, dish, aerial, antenna, parabole, satellitenschüssel
stopcock, stop tap, turn off the water, turn the water off, shut off the water, switch off the water, water off
steam, steams, steaming, vapour
outdoor, outside
serviced, service, servicing, maintenance, wartung, entretien
photo, photograph, picture
key, keys, schlüssel, clés, llaves
handover, moving in, move in, completion, übergabe
supplier, suppliers, provider, providers
bill, bills, billed, billing, meter, tariff
pay, pays, paid
customer care, customer service, helpline, kundendienst
lift, elevator, aufzug, ascenseur, ascensor
caretaker, janitor, concierge
mould, mold, damp, condensation
tap, taps, faucet, faucets
alarm, alarms, detector, detectors
flat, apartment
plug, plugs, socket, sockets, outlet, outlets
rent, rent out, let, sublet
mend, mends, fix, fixes, fixed, put right
activation, activate, activated, switch on, switched on, connected
landline, phone line, telephone
`;

/** The groups that a word, or the words of a phrase, belong to. */
export interface Synonyms {
  phrases: readonly { words: readonly string[]; group: readonly string[] }[];
  words: ReadonlyMap<string, readonly string[]>;
}

function read(): Synonyms {
  const words = new Map<string, readonly string[]>();
  const phrases: { words: string[]; group: string[] }[] = [];
  for (const line of GROUPS.trim().split("\n")) {
    const group = line.split(",").map((each) => each.trim());
    for (const each of group) {
      const parts = each.split(" ");
      if (parts.length === 1) words.set(each, group);
      else phrases.push({ words: parts, group });
    }
  }
  // Longer phrases say more.
  return { words, phrases: phrases.sort((one, other) => other.words.length - one.words.length) };
}

export const SYNONYMS: Synonyms = read();
